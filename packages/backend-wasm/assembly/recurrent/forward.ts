import { fringeBytes } from '../product/panelInto';
import { startBias, startZero } from '../product/panelRows';
import { partBegin } from '../product/product';
import { floatBytes, lines } from '../task/bytes';
import { pointer, word } from '../task/part';
import { Cell, ROW_UNIT, Word, gatesOf, mostRows, mostRowsAtOnce, packsHidden, packsInput, stepsAtOnce } from './block';
import { gruRow } from './gru';
import { lstmRow } from './lstm';
import { forwardHiddenBytes, forwardInputBytes, rowsBytes } from './pack';
import { rnnRow } from './rnn';
import { tableRow } from './table';
import { copyUnits, multiplyUnits, unitsBegin, vectorUnits } from './units';

/** Bytes of scratch of one part: a fringe, and what its rows share. */
export function recurrentForwardScratchBytes(args: usize, parts: i32): f64 {
  return <f64>(<u64>lines(fringeBytes) + sharedBytes(args, mostRows(args, parts), mostRowsAtOnce(args, parts)));
}

/** Bytes of scratch of all parts of steps together. */
export function recurrentForwardStepScratchBytes(args: usize, parts: i32): f64 {
  return <f64>(<u64>parts * <u64>lines(fringeBytes) + sharedBytes(args, mostRows(args, 1), mostRowsAtOnce(args, 1)));
}

/** The biases, the inputs' share of some steps' gates, and what is not saved: gates of a step, h of two steps, and c or U_n h. */
function sharedBytes(args: usize, rows: i32, rowsAtOnce: i32): u64 {
  const size = word(args, Word.HIDDEN_SIZE), gates = gatesOf(word(args, Word.CELL)) * size;
  const shares: u64 = pointer(args, Word.ROWS) != 0 ? 0 : lines(floatBytes(rowsAtOnce, gates));
  const own: u64 = pointer(args, Word.GATES) != 0 ? 0 : lines(floatBytes(rows, gates)) + 3 * lines(floatBytes(rows, size));
  return lines(floatBytes(1, gates)) + shares + own;
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
  const columns = gatesOf(cell) * size, steps = stepsAtOnce(args, rows), table = pointer(args, Word.ROWS) != 0;
  const bias = scratch, shares = bias + lines(rowsBytes(1, columns)), ownGates = shares + (table ? 0 : lines(rowsBytes(steps * rows, columns)));
  const ownState = ownGates + lines(rowsBytes(rows, columns)), ownExtra = ownState + 2 * lines(rowsBytes(rows, size));
  if (number == 0) joinBiases(args, bias, from, to);

  const reverse = word(args, Word.REVERSE) != 0;
  const done = number - number % steps, count = min(steps, time - done);
  const first = reverse ? time - done - count : done, step = reverse ? time - 1 - number : number;
  const gates = pointer(args, Word.GATES), mask = pointer(args, Word.MASK), output = pointer(args, Word.OUTPUT);
  const rowBytes = rowsBytes(1, columns), stateBytes = rowsBytes(1, size), skip = rowsBytes(1, from), bytes = rowsBytes(1, to - from);
  const row = step * batch + begin, before = number == 0 ? -1 : (reverse ? step + 1 : step - 1) * batch + begin;
  if (number == done && !table) inputProduct(args, first, count, begin, rows, from, to, shares, fringe);

  const states = pointer(args, Word.STATES) != 0 ? pointer(args, Word.STATES) : mask == 0 ? output : 0;
  const parity = <usize>(number & 1) * lines(rowsBytes(rows, size));
  const hNow = states != 0 ? states + rowsBytes(row, size) : ownState + parity;
  let h = states != 0 ? states + rowsBytes(before, size) : ownState + lines(rowsBytes(rows, size)) - parity;
  if (before < 0) h = pointer(args, Word.H0) + rowsBytes(begin, size);
  const extraNow = gates != 0 ? pointer(args, Word.EXTRA) + rowsBytes(row, size) : ownExtra;
  let c = gates != 0 ? pointer(args, Word.EXTRA) + rowsBytes(before, size) : ownExtra;
  if (before < 0) c = pointer(args, Word.C0) + rowsBytes(begin, size);
  const gatesNow = gates != 0 ? gates + rowsBytes(row, columns) : ownGates;
  hiddenProduct(args, h, rows, from, to, gatesNow, extraNow, fringe, (number & 1) != 0);

  const outputNow = output + rowsBytes(row, size), sharesNow = shares + rowsBytes((step - first) * rows, columns);
  for (let r = 0; r < rows; r++) {
    const at = <usize>r * stateBytes + skip, g = gatesNow + <usize>r * rowBytes + skip;
    const active = mask == 0 || load<i32>(mask + (<usize>(row + r) << 2)) != 0;
    let share = table ? tableRow(args, row + r) : sharesNow + <usize>r * rowBytes;
    if (active && share == 0) {
      for (let gate: usize = 0; gate < <usize>gatesOf(cell); gate++) memory.fill(g + gate * stateBytes, 0xff, bytes);
      share = bias;
    }
    if (!active) memory.copy(hNow + at, h + at, bytes);
    else if (cell == Cell.LSTM) lstmRow(g, stateBytes, share + skip, bias + skip, c + at, extraNow + at, hNow + at, to - from);
    else if (cell == Cell.GRU) gruRow(g, stateBytes, share + skip, bias + skip, extraNow + at, h + at, hNow + at, to - from);
    else rnnRow(g, share + skip, bias + skip, hNow + at, to - from, cell == Cell.RNN_RELU);
    if (!active && cell == Cell.LSTM) memory.copy(extraNow + at, c + at, bytes);
    if (!active) memory.fill(outputNow + at, 0, bytes);
    else if (hNow != outputNow) memory.copy(outputNow + at, hNow + at, bytes);
  }
  if (number < time - 1) return;
  const at = rowsBytes(begin, size);
  copyUnits(pointer(args, Word.H_LAST), at, hNow, rows, from, to, size);
  if (cell == Cell.LSTM) copyUnits(pointer(args, Word.C_LAST), at, extraNow, rows, from, to, size);
}

/** Both biases in one, but for gru's n gate, whose recurrent bias goes with `U_n h`; zeros where there are none. */
function joinBiases(args: usize, bias: usize, from: i32, to: i32): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE);
  const input = pointer(args, Word.BIAS_IH), hidden = pointer(args, Word.BIAS_HH);
  const joined = cell == Cell.GRU ? 2 : gatesOf(cell);
  for (let gate = 0; gate < gatesOf(cell); gate++) {
    const end = rowsBytes(1, gate * size + to);
    for (let at = rowsBytes(1, gate * size + from); at < end; at += 4) {
      if (input == 0) {
        store<f32>(bias + at, 0);
        continue;
      }
      store<f32>(bias + at, gate < joined ? load<f32>(input + at) + load<f32>(hidden + at) : load<f32>(input + at));
    }
  }
}

/** `W x` of `count` steps from step `first` on, `[count, rows, G·H]`. */
function inputProduct(
  args: usize, first: i32, count: i32, begin: i32, rows: i32, from: i32, to: i32, shares: usize, fringe: usize,
): void {
  const batch = word(args, Word.BATCH), inputSize = word(args, Word.INPUT_SIZE), blocks = gatesOf(word(args, Word.CELL));
  const inputBytes = rowsBytes(1, inputSize), columnBytes = rowsBytes(blocks, word(args, Word.HIDDEN_SIZE));
  const inputStep = rowsBytes(batch, inputSize), shareStep = <usize>rows * columnBytes;
  const input = pointer(args, Word.INPUT) + rowsBytes(first * batch + begin, inputSize);
  if (packsInput(args)) {
    const whole = rows == batch;
    return multiplyUnits(
      args, input, inputBytes, inputStep, whole ? rows * count : rows, whole ? 1 : count, pointer(args, Word.PACKED), inputSize, blocks,
      from, to, shares, columnBytes, shareStep, startZero, 0, fringe, false,
    );
  }
  for (let step: usize = 0; step < <usize>count; step++) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      const x = input + step * inputStep + r * inputBytes, y = shares + step * shareStep + r * columnBytes;
      vectorUnits(args, x, pointer(args, Word.WEIGHT_IH), inputSize, blocks, from, to, y, startZero, 0, fringe);
    }
  }
}

/** `U h` into the gates; for gru's n gate it goes to `extra`, with the recurrent bias. U is gone through forwards or `backwards`. */
function hiddenProduct(
  args: usize, h: usize, rows: i32, from: i32, to: i32, gates: usize, extra: usize, fringe: usize, backwards: bool,
): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE);
  const stateBytes = rowsBytes(1, size), blocks = cell == Cell.GRU ? 2 : gatesOf(cell);
  const apart = rowsBytes(2, size);
  const weights = pointer(args, Word.WEIGHT_HH), bias = pointer(args, Word.BIAS_HH);
  const start = bias != 0 ? startBias : startZero;
  const gateBytes = rowsBytes(gatesOf(cell), size);
  if (!packsHidden(args)) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      const x = h + r * stateBytes;
      vectorUnits(args, x, weights, size, blocks, from, to, gates + r * gateBytes, startZero, 0, fringe);
      if (cell != Cell.GRU) continue;
      vectorUnits(args, x, weights + rowsBytes(2 * size, size), size, 1, from, to, extra + r * stateBytes, start, bias + apart, fringe);
    }
    return;
  }
  const packed = pointer(args, Word.PACKED) + <usize>forwardInputBytes(args);
  multiplyUnits(args, h, stateBytes, 0, rows, 1, packed, size, blocks, from, to, gates, gateBytes, 0, startZero, 0, fringe, backwards);
  if (cell != Cell.GRU) return;
  const inner = packed + <usize>forwardHiddenBytes(args);
  multiplyUnits(args, h, stateBytes, 0, rows, 1, inner, size, 1, from, to, extra, stateBytes, 0, start, bias + apart, fringe, backwards);
}
