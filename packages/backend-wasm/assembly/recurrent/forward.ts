import { fringeBytes } from '../product/panelInto';
import { startBias, startC, startZero } from '../product/panelRows';
import { partBegin } from '../product/product';
import { floatBytes, lines } from '../task/bytes';
import { pointer, word } from '../task/part';
import { Cell, ROW_UNIT, Word, gatesOf, mostRows, mostRowsAtOnce, packsHidden, packsInput, stepsAtOnce } from './block';
import { gruRow } from './gru';
import { lstmRow } from './lstm';
import { forwardHiddenBytes, forwardInputBytes, rowsBytes } from './pack';
import { rnnRow } from './rnn';
import { tableShare } from './table';
import { copyUnits, multiplyUnits, unitsBegin, vectorUnits } from './units';

/** Bytes of scratch of one part: a fringe, and what its rows share. */
export function recurrentForwardScratchBytes(args: usize, parts: i32): f64 {
  return <f64>(<u64>lines(fringeBytes) + sharedBytes(args, mostRows(args, parts), mostRowsAtOnce(args, parts)));
}

/** Bytes of scratch of all parts of steps together. */
export function recurrentForwardStepScratchBytes(args: usize, parts: i32): f64 {
  return <f64>(<u64>parts * <u64>lines(fringeBytes) + sharedBytes(args, mostRows(args, 1), mostRowsAtOnce(args, 1)));
}

/** The biases, and what is not saved: gates of some steps, h of two steps, and c or U_n h. */
function sharedBytes(args: usize, rows: i32, rowsAtOnce: i32): u64 {
  const size = word(args, Word.HIDDEN_SIZE), gates = gatesOf(word(args, Word.CELL)) * size;
  return lines(floatBytes(1, gates)) + lines(floatBytes(rowsAtOnce, gates)) + 3 * lines(floatBytes(rows, size));
}

/** All steps of some rows of the batch; the block of arguments is described in the README of this folder's parent. */
export function recurrentForward(args: usize, part: i32, parts: i32, scratch: usize): void {
  const batch = word(args, Word.BATCH), size = word(args, Word.HIDDEN_SIZE), time = word(args, Word.TIME);
  const begin = partBegin(batch, ROW_UNIT, part, parts), rows = partBegin(batch, ROW_UNIT, part + 1, parts) - begin;
  if (rows == 0) return;
  for (let step = 0; step < time; step++) forwardStep(args, step, begin, rows, 0, size, scratch, scratch + lines(fringeBytes));
}

/** One step of some units of all rows: all parts of a step must be done before any of the next one begins. */
export function recurrentForwardStep(args: usize, part: i32, parts: i32, scratch: usize, step: i32): void {
  const from = unitsBegin(args, part, parts), to = unitsBegin(args, part + 1, parts);
  if (from == to || word(args, Word.BATCH) == 0) return;
  const fringe = <usize>lines(fringeBytes);
  forwardStep(args, step, 0, word(args, Word.BATCH), from, to, scratch + <usize>part * fringe, scratch + <usize>parts * fringe);
}

/** Step number `number`, in the order of computing, of some rows and of the hidden units `from … to`. */
function forwardStep(args: usize, number: i32, begin: i32, rows: i32, from: i32, to: i32, fringe: usize, scratch: usize): void {
  const cell = word(args, Word.CELL), time = word(args, Word.TIME), batch = word(args, Word.BATCH), size = word(args, Word.HIDDEN_SIZE);
  const columns = gatesOf(cell) * size, steps = stepsAtOnce(args, rows);
  const bias = scratch, ownGates = bias + lines(rowsBytes(1, columns));
  const ownState = ownGates + lines(rowsBytes(steps * rows, columns)), ownExtra = ownState + 2 * lines(rowsBytes(rows, size));
  const hasBias = pointer(args, Word.BIAS_IH) != 0;
  if (number == 0 && hasBias) joinBiases(args, bias, from, to);

  const reverse = word(args, Word.REVERSE) != 0;
  const done = number - number % steps, count = min(steps, time - done);
  const first = reverse ? time - done - count : done, step = reverse ? time - 1 - number : number;
  const gates = pointer(args, Word.GATES), mask = pointer(args, Word.MASK), output = pointer(args, Word.OUTPUT);
  const gateStep = rowsBytes(gates != 0 ? batch : rows, columns), rowBytes = rowsBytes(1, columns), stateBytes = rowsBytes(1, size);
  const block = gates != 0 ? gates + rowsBytes(first * batch + begin, columns) : ownGates;
  const row = step * batch + begin, before = number == 0 ? -1 : (reverse ? step + 1 : step - 1) * batch + begin;
  const start = hasBias ? startBias : startZero;
  if (number == done) inputProduct(args, first, count, begin, rows, from, to, block, gateStep, start, bias, fringe);

  const states = pointer(args, Word.STATES) != 0 ? pointer(args, Word.STATES) : mask == 0 ? output : 0;
  const parity = <usize>(number & 1) * lines(rowsBytes(rows, size));
  const hNow = states != 0 ? states + rowsBytes(row, size) : ownState + parity;
  let h = states != 0 ? states + rowsBytes(before, size) : ownState + lines(rowsBytes(rows, size)) - parity;
  if (before < 0) h = pointer(args, Word.H0) + rowsBytes(begin, size);
  const extraNow = gates != 0 ? pointer(args, Word.EXTRA) + rowsBytes(row, size) : ownExtra;
  let c = gates != 0 ? pointer(args, Word.EXTRA) + rowsBytes(before, size) : ownExtra;
  if (before < 0) c = pointer(args, Word.C0) + rowsBytes(begin, size);
  const gatesNow = block + <usize>(step - first) * gateStep;
  hiddenProduct(args, h, rows, from, to, gatesNow, extraNow, fringe);

  const bytes = rowsBytes(1, to - from), outputNow = output + rowsBytes(row, size);
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * stateBytes + rowsBytes(1, from), g = gatesNow + <usize>r * rowBytes + rowsBytes(1, from);
    const active = mask == 0 || load<i32>(mask + (<usize>(row + r) << 2)) != 0;
    if (!active) memory.copy(hNow + at, h + at, bytes);
    else if (cell == Cell.LSTM) lstmRow(g, stateBytes, c + at, extraNow + at, hNow + at, to - from);
    else if (cell == Cell.GRU) gruRow(g, stateBytes, extraNow + at, h + at, hNow + at, to - from);
    else rnnRow(g, hNow + at, to - from, cell == Cell.RNN_RELU);
    if (!active && cell == Cell.LSTM) memory.copy(extraNow + at, c + at, bytes);
    if (!active) memory.fill(outputNow + at, 0, bytes);
    else if (hNow != outputNow) memory.copy(outputNow + at, hNow + at, bytes);
  }
  if (number < time - 1) return;
  const at = rowsBytes(begin, size);
  copyUnits(pointer(args, Word.H_LAST), at, hNow, rows, from, to, size);
  if (cell == Cell.LSTM) copyUnits(pointer(args, Word.C_LAST), at, extraNow, rows, from, to, size);
}

/** Both biases in one, but for gru's n gate, whose recurrent bias goes with `U_n h`. */
function joinBiases(args: usize, bias: usize, from: i32, to: i32): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE);
  const input = pointer(args, Word.BIAS_IH), hidden = pointer(args, Word.BIAS_HH);
  const joined = cell == Cell.GRU ? 2 : gatesOf(cell);
  for (let gate = 0; gate < gatesOf(cell); gate++) {
    const end = rowsBytes(1, gate * size + to);
    for (let at = rowsBytes(1, gate * size + from); at < end; at += 4) {
      store<f32>(bias + at, gate < joined ? load<f32>(input + at) + load<f32>(hidden + at) : load<f32>(input + at));
    }
  }
}

/** `W x + bias` of `count` steps from step `first` on, into the gates. */
function inputProduct(
  args: usize, first: i32, count: i32, begin: i32, rows: i32, from: i32, to: i32, gates: usize, gateStep: usize, start: i32, bias: usize,
  fringe: usize,
): void {
  const batch = word(args, Word.BATCH), inputSize = word(args, Word.INPUT_SIZE), blocks = gatesOf(word(args, Word.CELL));
  if (pointer(args, Word.ROWS) != 0) return tableShare(args, first, count, begin, rows, from, to, gates, gateStep, start, bias);
  const inputBytes = rowsBytes(1, inputSize), columnBytes = rowsBytes(blocks, word(args, Word.HIDDEN_SIZE));
  const inputStep = rowsBytes(batch, inputSize);
  const input = pointer(args, Word.INPUT) + rowsBytes(first * batch + begin, inputSize);
  if (packsInput(args)) {
    const whole = rows == batch;
    return multiplyUnits(
      args, input, inputBytes, inputStep, whole ? rows * count : rows, whole ? 1 : count, pointer(args, Word.PACKED), inputSize, blocks,
      from, to, gates, columnBytes, gateStep, start, bias, fringe,
    );
  }
  for (let step: usize = 0; step < <usize>count; step++) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      const x = input + step * inputStep + r * inputBytes, y = gates + step * gateStep + r * columnBytes;
      vectorUnits(args, x, pointer(args, Word.WEIGHT_IH), inputSize, blocks, from, to, y, start, bias, fringe);
    }
  }
}

/** Adds `U h` to the gates; for gru's n gate it goes to `extra`, with the recurrent bias. */
function hiddenProduct(args: usize, h: usize, rows: i32, from: i32, to: i32, gates: usize, extra: usize, fringe: usize): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE);
  const stateBytes = rowsBytes(1, size), blocks = cell == Cell.GRU ? 2 : gatesOf(cell);
  const apart = rowsBytes(2, size);
  const weights = pointer(args, Word.WEIGHT_HH), bias = pointer(args, Word.BIAS_HH);
  const start = bias != 0 ? startBias : startZero;
  const gateBytes = rowsBytes(gatesOf(cell), size);
  if (!packsHidden(args)) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      const x = h + r * stateBytes;
      vectorUnits(args, x, weights, size, blocks, from, to, gates + r * gateBytes, startC, 0, fringe);
      if (cell != Cell.GRU) continue;
      vectorUnits(args, x, weights + rowsBytes(2 * size, size), size, 1, from, to, extra + r * stateBytes, start, bias + apart, fringe);
    }
    return;
  }
  const packed = pointer(args, Word.PACKED) + <usize>forwardInputBytes(args);
  multiplyUnits(args, h, stateBytes, 0, rows, 1, packed, size, blocks, from, to, gates, gateBytes, 0, startC, 0, fringe);
  if (cell != Cell.GRU) return;
  const inner = packed + <usize>forwardHiddenBytes(args);
  multiplyUnits(args, h, stateBytes, 0, rows, 1, inner, size, 1, from, to, extra, stateBytes, 0, start, bias + apart, fringe);
}
