import { multiplyPacked, panelCount } from '../product/packed';
import { fringeBytes } from '../product/panelInto';
import { panelWidth, startC, startZero } from '../product/panelRows';
import { multiplyVector, partBegin } from '../product/product';
import { addInto } from '../task/addInto';
import { floatBytes, lines } from '../task/bytes';
import { pointer, word } from '../task/part';
import { Cell, ROW_UNIT, Word, gatesOf, gradientBlocksOf, mostRows, packsHidden, packsInput, stepsAtOnce } from './block';
import { gruRowBackward } from './gru';
import { lstmRowBackward } from './lstm';
import { backwardHiddenBytes, backwardInputBytes, rowsBytes } from './pack';
import { rnnRowBackward } from './rnn';
import { COLUMNS_TOGETHER, copyUnits, multiplyUnits, unitsBegin } from './units';

/** Bytes of shared scratch `dGates`. */
export function recurrentGateGradientBytes(args: usize): f64 {
  const columns = gradientBlocksOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE);
  return <f64>floatBytes(<u64>word(args, Word.TIME) * word(args, Word.BATCH), columns);
}

/** Bytes of scratch of one part: a fringe, and dL/dh and dL/dc of its rows. */
export function recurrentBackwardScratchBytes(args: usize, parts: i32): f64 {
  return <f64>(<u64>lines(fringeBytes) + 2 * lines(floatBytes(mostRows(args, parts), word(args, Word.HIDDEN_SIZE))));
}

/** Bytes of scratch of all parts of steps together. */
export function recurrentBackwardStepScratchBytes(args: usize, parts: i32): f64 {
  return <f64>(<u64>parts * <u64>lines(fringeBytes) + 2 * lines(floatBytes(word(args, Word.BATCH), word(args, Word.HIDDEN_SIZE))));
}

/** All steps of some rows of the batch, backwards; the block of arguments is described in the README of this folder's parent. */
export function recurrentBackward(args: usize, part: i32, parts: i32, scratch: usize): void {
  const batch = word(args, Word.BATCH), time = word(args, Word.TIME), size = word(args, Word.HIDDEN_SIZE);
  const begin = partBegin(batch, ROW_UNIT, part, parts), rows = partBegin(batch, ROW_UNIT, part + 1, parts) - begin;
  if (rows == 0) return;
  const dh = scratch + lines(fringeBytes), inputs = word(args, Word.INPUT_SIZE);
  for (let number = 0; number <= time; number++) backwardStep(args, number, begin, rows, 0, size, 0, inputs, scratch, dh);
}

/**
 * One step of some units of all rows, backwards, of T + 1: all parts of a step must be done before any of the next one begins, which
 * first takes what the gates' gradients of all units give to its own.
 */
export function recurrentBackwardStep(args: usize, part: i32, parts: i32, scratch: usize, step: i32): void {
  const inputs = word(args, Word.INPUT_SIZE), fringe = <usize>lines(fringeBytes);
  const from = unitsBegin(args, part, parts), to = unitsBegin(args, part + 1, parts);
  const inputFrom = partBegin(inputs, COLUMNS_TOGETHER, part, parts), inputTo = partBegin(inputs, COLUMNS_TOGETHER, part + 1, parts);
  if (word(args, Word.BATCH) == 0) return;
  backwardStep(
    args, step, 0, word(args, Word.BATCH), from, to, inputFrom, inputTo, scratch + <usize>part * fringe, scratch + <usize>parts * fringe,
  );
}

/**
 * Step number `number`, in the order of computing, of some rows, of the hidden units `from … to` and the inputs `inputFrom … inputTo`;
 * number T ends the last one. `dh` is followed by `dc`.
 */
function backwardStep(
  args: usize, number: i32, begin: i32, rows: i32, from: i32, to: i32, inputFrom: i32, inputTo: i32, fringe: usize, dh: usize,
): void {
  const cell = word(args, Word.CELL), time = word(args, Word.TIME), batch = word(args, Word.BATCH), size = word(args, Word.HIDDEN_SIZE);
  const gradients = gradientBlocksOf(cell) * size, steps = stepsAtOnce(args, rows), reverse = word(args, Word.REVERSE) != 0;
  const dc = dh + lines(rowsBytes(rows, size)), offset = rowsBytes(begin, size);
  const dGates = pointer(args, Word.D_GATES);
  if (number == 0) {
    copyOrZero(dh, pointer(args, Word.H_COTANGENT), offset, rows, from, to, size);
    if (cell == Cell.LSTM) copyOrZero(dc, pointer(args, Word.C_COTANGENT), offset, rows, from, to, size);
  } else {
    const later = (reverse ? number - 1 : time - number) * batch + begin;
    if (number < time || pointer(args, Word.D_H0) != 0) {
      hiddenGradient(args, dGates + rowsBytes(later, gradients), rows, from, to, dh, fringe, (number & 1) != 0);
    }
    if (pointer(args, Word.D_INPUT) != 0 && (number % steps == 0 || number == time)) {
      const count = number % steps == 0 ? steps : number % steps;
      inputGradient(args, reverse ? number - count : time - number, count, begin, rows, inputFrom, inputTo, fringe);
    }
  }
  if (number < time) return rowsBackward(args, number, begin, rows, from, to, dh, dc);
  copyUnits(pointer(args, Word.D_H0), offset, dh, rows, from, to, size);
  if (cell == Cell.LSTM) copyUnits(pointer(args, Word.D_C0), offset, dc, rows, from, to, size);
}

/** The gates' gradients of one step, of those units. */
function rowsBackward(args: usize, number: i32, begin: i32, rows: i32, from: i32, to: i32, dh: usize, dc: usize): void {
  const cell = word(args, Word.CELL), time = word(args, Word.TIME), batch = word(args, Word.BATCH), size = word(args, Word.HIDDEN_SIZE);
  const mask = pointer(args, Word.MASK), cotangent = pointer(args, Word.OUTPUT_COTANGENT), delta = pointer(args, Word.DELTA);
  const states = pointer(args, Word.STATES), extra = pointer(args, Word.EXTRA), blocks = gradientBlocksOf(cell), reverse = word(args, Word.REVERSE) != 0;
  const step = reverse ? number : time - 1 - number, row = step * batch + begin, last = number == time - 1;
  const before = rowsBytes((reverse ? step + 1 : step - 1) * batch + begin, size), offset = rowsBytes(begin, size);
  const hBefore = last ? pointer(args, Word.H0) + offset : states + before, cBefore = last ? pointer(args, Word.C0) + offset : extra + before;
  const skip = rowsBytes(1, from), bytes = rowsBytes(1, to - from), block = rowsBytes(1, size), units = to - from;
  for (let r = 0; r < rows; r++) {
    const at = rowsBytes(r, size) + skip, there = rowsBytes(row + r, size) + skip;
    const active = mask == 0 || load<i32>(mask + (<usize>(row + r) << 2)) != 0;
    if (active && cotangent != 0) addInto(dh + at, cotangent + there, units);
    if (delta != 0) memory.copy(delta + there, dh + at, bytes);
    const d = pointer(args, Word.D_GATES) + rowsBytes(row + r, blocks * size) + skip;
    const g = pointer(args, Word.GATES) + rowsBytes(row + r, gatesOf(cell) * size) + skip;
    if (!active) for (let gate: usize = 0; gate < <usize>blocks; gate++) memory.fill(d + gate * block, 0, bytes);
    else if (cell == Cell.LSTM) lstmRowBackward(g, block, cBefore + at, states + there, dh + at, dc + at, d, units);
    else if (cell == Cell.GRU) gruRowBackward(g, block, extra + there, hBefore + at, dh + at, d, units);
    else rnnRowBackward(g, dh + at, d, units, cell == Cell.RNN_RELU);
  }
}

function copyOrZero(to: usize, from: usize, offset: usize, rows: i32, first: i32, end: i32, size: i32): void {
  if (from != 0) return copyUnits(to, 0, from + offset, rows, first, end, size);
  for (let r = 0; r < rows; r++) memory.fill(to + rowsBytes(r, size) + rowsBytes(1, first), 0, rowsBytes(1, end - first));
}

/** Adds `dGates · U` of one step to `dh`, going through U forwards or `backwards`. */
function hiddenGradient(args: usize, dGates: usize, rows: i32, from: i32, to: i32, dh: usize, fringe: usize, backwards: bool): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE);
  const k = gatesOf(cell) * size, skip = rowsBytes(1, from);
  const stateBytes = rowsBytes(1, size);
  const gradientBytes = rowsBytes(gradientBlocksOf(cell), size);
  if (packsHidden(args)) {
    const packed = pointer(args, Word.PACKED);
    return multiplyUnits(args, dGates, gradientBytes, 0, rows, 1, packed, k, 1, from, to, dh, stateBytes, 0, startC, 0, fringe, backwards);
  }
  for (let r: usize = 0; r < <usize>rows; r++) {
    const weights = pointer(args, Word.WEIGHT_HH) + skip;
    multiplyVector(dGates + r * gradientBytes, weights, stateBytes, false, k, to - from, dh + r * stateBytes + skip, startC, 0, fringe);
  }
}

/** Columns `from … to` of `dInput = dGates · W` of `count` steps from step `first` on; gru's n gate is a block of its own. */
function inputGradient(args: usize, first: i32, count: i32, begin: i32, rows: i32, from: i32, to: i32, fringe: usize): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE), inputSize = word(args, Word.INPUT_SIZE);
  const row = first * word(args, Word.BATCH) + begin;
  const dGates = pointer(args, Word.D_GATES) + rowsBytes(row, gradientBlocksOf(cell) * size);
  const dInput = pointer(args, Word.D_INPUT) + rowsBytes(row, inputSize);
  const packed = pointer(args, Word.PACKED) + <usize>backwardHiddenBytes(args), weights = pointer(args, Word.WEIGHT_IH);
  if (cell != Cell.GRU) return inputPart(args, dGates, dInput, count, rows, from, to, packed, weights, gatesOf(cell) * size, startZero, fringe);
  inputPart(args, dGates, dInput, count, rows, from, to, packed, weights, 2 * size, startZero, fringe);
  inputPart(
    args, dGates + rowsBytes(3, size), dInput, count, rows, from, to, packed + <usize>backwardInputBytes(args),
    weights + rowsBytes(2 * size, inputSize), size, startC, fringe,
  );
}

/** The part of `inputGradient` that comes through `k` gate columns and as many rows of the weights. */
function inputPart(
  args: usize, dGates: usize, dInput: usize, count: i32, rows: i32, from: i32, to: i32, packed: usize, weights: usize, k: i32, start: i32,
  fringe: usize,
): void {
  const batch = word(args, Word.BATCH), inputSize = word(args, Word.INPUT_SIZE);
  const gradients = gradientBlocksOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE);
  const gradientBytes = rowsBytes(1, gradients), inputBytes = rowsBytes(1, inputSize), skip = rowsBytes(1, from);
  if (packsInput(args)) {
    const whole = rows == batch;
    multiplyPacked(
      dGates, gradientBytes, rowsBytes(batch, gradients), whole ? rows * count : rows, whole ? 1 : count, packed, k, inputSize,
      dInput, inputBytes, rowsBytes(batch, inputSize), start, 0, from / panelWidth, panelCount(to), fringe,
    );
    return;
  }
  for (let step = 0; step < count; step++) {
    for (let r = 0; r < rows; r++) {
      const row = <usize>(step * batch + r), into = dInput + row * inputBytes + skip;
      multiplyVector(dGates + row * gradientBytes, weights + skip, inputBytes, false, k, to - from, into, start, 0, fringe);
    }
  }
}
