import { multiplyPacked, panelCount } from '../product/packed';
import { fringeBytes } from '../product/panelInto';
import { startBias, startC, startZero } from '../product/panelRows';
import { multiplyVector, partBegin } from '../product/product';
import { floatBytes, lines } from '../task/bytes';
import { pointer, word } from '../task/part';
import { Cell, ROW_UNIT, Word, gatesOf, mostRows, mostRowsAtOnce, packsHidden, packsInput, stepsAtOnce } from './block';
import { gruRow } from './gru';
import { lstmRow } from './lstm';
import { forwardHiddenBytes, forwardInputBytes, rowsBytes } from './pack';
import { rnnRow } from './rnn';
import { tableShare } from './table';

/** Bytes of scratch of one part: a fringe, the biases, and what is not saved: gates of some steps, h, and c or U_n h. */
export function recurrentForwardScratchBytes(args: usize, parts: i32): f64 {
  const rows = mostRows(args, parts), size = word(args, Word.HIDDEN_SIZE);
  const gates = gatesOf(word(args, Word.CELL)) * size;
  return <f64>(
    <u64>lines(fringeBytes) + lines(floatBytes(1, gates)) + lines(floatBytes(mostRowsAtOnce(args, parts), gates)) +
    2 * lines(floatBytes(rows, size))
  );
}

/** All steps of some rows of the batch; the block of arguments is described in the README of this folder's parent. */
export function recurrentForward(args: usize, part: i32, parts: i32, scratch: usize): void {
  const cell = word(args, Word.CELL), time = word(args, Word.TIME), batch = word(args, Word.BATCH);
  const size = word(args, Word.HIDDEN_SIZE), columns = gatesOf(cell) * size;
  const begin = partBegin(batch, ROW_UNIT, part, parts), rows = partBegin(batch, ROW_UNIT, part + 1, parts) - begin;
  if (rows == 0) return;

  const steps = stepsAtOnce(args, rows);
  const bias = scratch + lines(fringeBytes);
  const ownGates = bias + lines(rowsBytes(1, columns));
  const ownState = ownGates + lines(rowsBytes(steps * rows, columns));
  const ownExtra = ownState + lines(rowsBytes(rows, size));
  const hasBias = pointer(args, Word.BIAS_IH) != 0;
  if (hasBias) joinBiases(args, bias);

  const reverse = word(args, Word.REVERSE) != 0;
  const mask = pointer(args, Word.MASK), gates = pointer(args, Word.GATES), states = pointer(args, Word.STATES);
  const output = pointer(args, Word.OUTPUT);
  const rowBytes = rowsBytes(1, columns), stateBytes = rowsBytes(1, size);
  const gateStep = rowsBytes(gates != 0 ? batch : rows, columns);
  let h = pointer(args, Word.H0) + rowsBytes(begin, size);
  let c = pointer(args, Word.C0) + rowsBytes(begin, size);

  for (let done = 0; done < time; done += steps) {
    const count = min(steps, time - done);
    const first = reverse ? time - done - count : done;
    const block = gates != 0 ? gates + rowsBytes(first * batch + begin, columns) : ownGates;
    inputProduct(args, first, count, begin, rows, block, gateStep, hasBias ? startBias : startZero, bias, scratch);
    for (let i = 0; i < count; i++) {
      const offset = reverse ? count - 1 - i : i;
      const row = (first + offset) * batch + begin;
      const gatesNow = block + <usize>offset * gateStep;
      const outputNow = output + rowsBytes(row, size);
      const hNow = states != 0 ? states + rowsBytes(row, size) : mask != 0 ? ownState : outputNow;
      const extraNow = gates != 0 ? pointer(args, Word.EXTRA) + rowsBytes(row, size) : ownExtra;
      hiddenProduct(args, h, rows, gatesNow, extraNow, scratch);
      for (let r = 0; r < rows; r++) {
        const at = <usize>r * stateBytes;
        const active = mask == 0 || load<i32>(mask + (<usize>(row + r) << 2)) != 0;
        const g = gatesNow + <usize>r * rowBytes;
        if (!active) memory.copy(hNow + at, h + at, stateBytes);
        else if (cell == Cell.LSTM) lstmRow(g, c + at, extraNow + at, hNow + at, size);
        else if (cell == Cell.GRU) gruRow(g, extraNow + at, h + at, hNow + at, size);
        else rnnRow(g, hNow + at, size, cell == Cell.RNN_RELU);
        if (!active && cell == Cell.LSTM) memory.copy(extraNow + at, c + at, stateBytes);
        if (!active) memory.fill(outputNow + at, 0, stateBytes);
        else if (hNow != outputNow) memory.copy(outputNow + at, hNow + at, stateBytes);
      }
      h = hNow;
      if (cell == Cell.LSTM) c = extraNow;
    }
  }
  const hLast = pointer(args, Word.H_LAST), cLast = pointer(args, Word.C_LAST);
  if (hLast != 0) memory.copy(hLast + rowsBytes(begin, size), h, rowsBytes(rows, size));
  if (cLast != 0 && cell == Cell.LSTM) memory.copy(cLast + rowsBytes(begin, size), c, rowsBytes(rows, size));
}

/** Both biases in one, but for gru's n gate, whose recurrent bias goes with `U_n h`. */
function joinBiases(args: usize, bias: usize): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE);
  const input = pointer(args, Word.BIAS_IH), hidden = pointer(args, Word.BIAS_HH);
  const joined = rowsBytes(cell == Cell.GRU ? 2 : gatesOf(cell), size), end = rowsBytes(gatesOf(cell), size);
  for (let at: usize = 0; at < end; at += 4) {
    store<f32>(bias + at, at < joined ? load<f32>(input + at) + load<f32>(hidden + at) : load<f32>(input + at));
  }
}

/** `W x + bias` of `count` steps from step `first` on, into the gates. */
function inputProduct(
  args: usize, first: i32, count: i32, begin: i32, rows: i32, gates: usize, gateStep: usize, start: i32, bias: usize, fringe: usize,
): void {
  if (pointer(args, Word.ROWS) != 0) return tableShare(args, first, count, begin, rows, gates, gateStep, start, bias);
  const batch = word(args, Word.BATCH), inputSize = word(args, Word.INPUT_SIZE);
  const columns = gatesOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE);
  const inputBytes = rowsBytes(1, inputSize), columnBytes = rowsBytes(1, columns);
  const inputStep = rowsBytes(batch, inputSize);
  const input = pointer(args, Word.INPUT) + rowsBytes(first * batch + begin, inputSize);
  if (packsInput(args)) {
    const whole = rows == batch;
    multiplyPacked(
      input, inputBytes, inputStep, whole ? rows * count : rows, whole ? 1 : count, pointer(args, Word.PACKED), inputSize, columns,
      gates, columnBytes, gateStep, start, bias, 0, panelCount(columns), fringe,
    );
    return;
  }
  for (let step: usize = 0; step < <usize>count; step++) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      const x = input + step * inputStep + r * inputBytes;
      const y = gates + step * gateStep + r * columnBytes;
      multiplyVector(x, pointer(args, Word.WEIGHT_IH), inputBytes, true, inputSize, columns, y, start, bias, fringe);
    }
  }
}

/** Adds `U h` to the gates; for gru's n gate it goes to `extra`, with the recurrent bias. */
function hiddenProduct(args: usize, h: usize, rows: i32, gates: usize, extra: usize, fringe: usize): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE);
  const stateBytes = rowsBytes(1, size), columns = (cell == Cell.GRU ? 2 : gatesOf(cell)) * size;
  const apart = rowsBytes(2, size);
  const weights = pointer(args, Word.WEIGHT_HH), bias = pointer(args, Word.BIAS_HH);
  const start = bias != 0 ? startBias : startZero;
  const gateBytes = rowsBytes(gatesOf(cell), size);
  if (!packsHidden(args)) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      const x = h + r * stateBytes;
      multiplyVector(x, weights, stateBytes, true, size, columns, gates + r * gateBytes, startC, 0, fringe);
      if (cell != Cell.GRU) continue;
      multiplyVector(x, weights + rowsBytes(2 * size, size), stateBytes, true, size, size, extra + r * stateBytes, start, bias + apart, fringe);
    }
    return;
  }
  const packed = pointer(args, Word.PACKED) + <usize>forwardInputBytes(args);
  multiplyPacked(
    h, stateBytes, 0, rows, 1, packed, size, columns, gates, gateBytes, 0, startC, 0, 0, panelCount(columns), fringe,
  );
  if (cell != Cell.GRU) return;
  multiplyPacked(
    h, stateBytes, 0, rows, 1, packed + <usize>forwardHiddenBytes(args), size, size, extra, stateBytes, 0, start, bias + apart,
    0, panelCount(size), fringe,
  );
}
