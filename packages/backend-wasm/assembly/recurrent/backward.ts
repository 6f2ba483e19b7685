import { multiplyPacked, panelCount } from '../product/packed';
import { fringeBytes } from '../product/panelInto';
import { startC, startZero } from '../product/panelRows';
import { multiplyVector, partBegin } from '../product/product';
import { addInto } from '../task/addInto';
import { floatBytes, lines } from '../task/bytes';
import { pointer, word } from '../task/part';
import { Cell, ROW_UNIT, Word, gatesOf, gradientBlocksOf, mostRows, packsHidden, packsInput, stepsAtOnce } from './block';
import { gruRowBackward } from './gru';
import { lstmRowBackward } from './lstm';
import { backwardHiddenBytes, backwardInputBytes, rowsBytes } from './pack';
import { rnnRowBackward } from './rnn';

/** Bytes of shared scratch `dGates`. */
export function recurrentGateGradientBytes(args: usize): f64 {
  const columns = gradientBlocksOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE);
  return <f64>floatBytes(<u64>word(args, Word.TIME) * word(args, Word.BATCH), columns);
}

/** Bytes of scratch of one part: a fringe, and dL/dh and dL/dc of its rows. */
export function recurrentBackwardScratchBytes(args: usize, parts: i32): f64 {
  return <f64>(<u64>lines(fringeBytes) + 2 * lines(floatBytes(mostRows(args, parts), word(args, Word.HIDDEN_SIZE))));
}

/** All steps of some rows of the batch, backwards; the block of arguments is described in the README of this folder's parent. */
export function recurrentBackward(args: usize, part: i32, parts: i32, scratch: usize): void {
  const cell = word(args, Word.CELL), time = word(args, Word.TIME), batch = word(args, Word.BATCH), size = word(args, Word.HIDDEN_SIZE);
  const columns = gatesOf(cell) * size, gradients = gradientBlocksOf(cell) * size;
  const begin = partBegin(batch, ROW_UNIT, part, parts), rows = partBegin(batch, ROW_UNIT, part + 1, parts) - begin;
  if (rows == 0) return;

  const dh = scratch + lines(fringeBytes);
  const dc = dh + lines(rowsBytes(rows, size));
  const own = rowsBytes(rows, size), offset = rowsBytes(begin, size);
  copyOrZero(dh, pointer(args, Word.H_COTANGENT), offset, own);
  if (cell == Cell.LSTM) copyOrZero(dc, pointer(args, Word.C_COTANGENT), offset, own);

  const reverse = word(args, Word.REVERSE) != 0;
  const mask = pointer(args, Word.MASK), cotangent = pointer(args, Word.OUTPUT_COTANGENT), delta = pointer(args, Word.DELTA);
  const gates = pointer(args, Word.GATES), states = pointer(args, Word.STATES), extra = pointer(args, Word.EXTRA);
  const dGates = pointer(args, Word.D_GATES);
  const stateBytes = rowsBytes(1, size), gateBytes = rowsBytes(1, columns), gradientBytes = rowsBytes(1, gradients);
  const steps = stepsAtOnce(args, rows);

  for (let done = 0; done < time; done += steps) {
    const count = min(steps, time - done);
    const first = reverse ? done : time - done - count;
    for (let i = 0; i < count; i++) {
      const step = reverse ? first + i : first + count - 1 - i;
      const row = step * batch + begin;
      const last = done + i == time - 1;
      const before = (reverse ? step + 1 : step - 1) * batch + begin;
      const hBefore = last ? pointer(args, Word.H0) + offset : states + rowsBytes(before, size);
      const cBefore = last ? pointer(args, Word.C0) + offset : extra + rowsBytes(before, size);
      const dGatesNow = dGates + rowsBytes(row, gradients);
      for (let r = 0; r < rows; r++) {
        const at = <usize>r * stateBytes, there = rowsBytes(row + r, size);
        const active = mask == 0 || load<i32>(mask + (<usize>(row + r) << 2)) != 0;
        if (active && cotangent != 0) addInto(dh + at, cotangent + there, size);
        if (delta != 0) memory.copy(delta + there, dh + at, stateBytes);
        const d = dGatesNow + <usize>r * gradientBytes;
        const g = gates + <usize>(row + r) * gateBytes;
        if (!active) memory.fill(d, 0, gradientBytes);
        else if (cell == Cell.LSTM) lstmRowBackward(g, cBefore + at, states + there, dh + at, dc + at, d, size);
        else if (cell == Cell.GRU) gruRowBackward(g, extra + there, hBefore + at, dh + at, d, size);
        else rnnRowBackward(g, dh + at, d, size, cell == Cell.RNN_RELU);
      }
      if (!last || pointer(args, Word.D_H0) != 0) hiddenGradient(args, dGatesNow, rows, dh, scratch);
    }
    if (pointer(args, Word.D_INPUT) != 0) inputGradient(args, first, count, begin, rows, scratch);
  }
  if (pointer(args, Word.D_H0) != 0) memory.copy(pointer(args, Word.D_H0) + offset, dh, own);
  if (pointer(args, Word.D_C0) != 0 && cell == Cell.LSTM) memory.copy(pointer(args, Word.D_C0) + offset, dc, own);
}

function copyOrZero(to: usize, from: usize, offset: usize, bytes: usize): void {
  if (from != 0) memory.copy(to, from + offset, bytes);
  else memory.fill(to, 0, bytes);
}

/** Adds `dGates · U` of one step to `dh`. */
function hiddenGradient(args: usize, dGates: usize, rows: i32, dh: usize, fringe: usize): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE);
  const k = gatesOf(cell) * size;
  const stateBytes = rowsBytes(1, size);
  const gradientBytes = rowsBytes(gradientBlocksOf(cell), size);
  if (!packsHidden(args)) {
    for (let r: usize = 0; r < <usize>rows; r++) {
      multiplyVector(dGates + r * gradientBytes, pointer(args, Word.WEIGHT_HH), stateBytes, false, k, size, dh + r * stateBytes, startC, 0, fringe);
    }
    return;
  }
  multiplyPacked(
    dGates, gradientBytes, 0, rows, 1, pointer(args, Word.PACKED), k, size, dh, stateBytes, 0, startC, 0,
    0, panelCount(size), fringe,
  );
}

/** `dInput = dGates · W` of `count` steps from step `first` on; gru's n gate is a block of its own. */
function inputGradient(args: usize, first: i32, count: i32, begin: i32, rows: i32, fringe: usize): void {
  const cell = word(args, Word.CELL), size = word(args, Word.HIDDEN_SIZE), inputSize = word(args, Word.INPUT_SIZE), row = first * word(args, Word.BATCH) + begin;
  const dGates = pointer(args, Word.D_GATES) + rowsBytes(row, gradientBlocksOf(cell) * size);
  const dInput = pointer(args, Word.D_INPUT) + rowsBytes(row, inputSize);
  const packed = pointer(args, Word.PACKED) + <usize>backwardHiddenBytes(args), weights = pointer(args, Word.WEIGHT_IH);
  if (cell != Cell.GRU) return inputPart(args, dGates, dInput, count, rows, packed, weights, gatesOf(cell) * size, startZero, fringe);
  inputPart(args, dGates, dInput, count, rows, packed, weights, 2 * size, startZero, fringe);
  inputPart(
    args, dGates + rowsBytes(3, size), dInput, count, rows, packed + <usize>backwardInputBytes(args),
    weights + rowsBytes(2 * size, inputSize), size, startC, fringe,
  );
}

/** The part of `inputGradient` that comes through `k` gate columns and as many rows of the weights. */
function inputPart(
  args: usize, dGates: usize, dInput: usize, count: i32, rows: i32, packed: usize, weights: usize, k: i32, start: i32, fringe: usize,
): void {
  const batch = word(args, Word.BATCH), inputSize = word(args, Word.INPUT_SIZE);
  const gradients = gradientBlocksOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE);
  const gradientBytes = rowsBytes(1, gradients), inputBytes = rowsBytes(1, inputSize);
  if (packsInput(args)) {
    const whole = rows == batch;
    multiplyPacked(
      dGates, gradientBytes, rowsBytes(batch, gradients), whole ? rows * count : rows, whole ? 1 : count, packed, k, inputSize,
      dInput, inputBytes, rowsBytes(batch, inputSize), start, 0, 0, panelCount(inputSize), fringe,
    );
    return;
  }
  for (let step = 0; step < count; step++) {
    for (let r = 0; r < rows; r++) {
      const row = <usize>(step * batch + r);
      multiplyVector(dGates + row * gradientBytes, weights, inputBytes, false, k, inputSize, dInput + row * inputBytes, start, 0, fringe);
    }
  }
}
