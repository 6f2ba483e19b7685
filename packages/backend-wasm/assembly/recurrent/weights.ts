import { multiplyTiles } from '../product/blocked';
import { outer } from '../product/outer';
import { panelCount } from '../product/packed';
import { fringeBytes } from '../product/panelInto';
import { panelBytes, startC, startZero } from '../product/panelRows';
import { packTiles } from '../product/panelTiles';
import { partBegin } from '../product/product';
import { columnSums } from '../reduce/columnSums';
import { lines } from '../task/bytes';
import { pointer, word } from '../task/part';
import { Cell, Word, gatesOf, gradientBlocksOf } from './block';
import { rowsBytes } from './pack';
import { addToTable, clearTable } from './table';
import { inputPanelCount, packOperands } from './weightPanels';

/** Rows of a weight gradient whose tiles are packed together. */
const rowsAtOnce: i32 = 64;

/** Steps × rows of the batch packed together: fewer where the layer is wide, for the packed panels should stay near. */
function depthAtOnce(args: usize): i32 {
  const inputs = pointer(args, Word.ROWS) != 0 ? 0 : word(args, Word.INPUT_SIZE);
  const depth = inputs + word(args, Word.HIDDEN_SIZE) <= 640 ? 256 : 128;
  return min(depth, word(args, Word.TIME) * word(args, Word.BATCH));
}

/** Bytes of scratch of one part: a fringe, panels of inputs and of states, tiles of the gates' gradients. */
export function recurrentWeightsScratchBytes(args: usize, _parts: i32): f64 {
  const panels = inputPanelCount(args) + panelCount(word(args, Word.HIDDEN_SIZE));
  return <f64>(<u64>lines(fringeBytes) + <u64>depthAtOnce(args) * (<u64>panels * panelBytes + rowsAtOnce * 4));
}

/**
 * The gradients of weights and biases, as products over all steps at once; parts are ranges of their rows. Where they accumulate,
 * they are added to what is there: asked for only where all steps make one block, whose sum is rounded before it is added.
 */
export function recurrentWeights(args: usize, part: i32, parts: i32, scratch: usize): void {
  const size = word(args, Word.HIDDEN_SIZE), total = word(args, Word.TIME) * word(args, Word.BATCH);
  const depth = depthAtOnce(args);
  const panels = scratch + lines(fringeBytes);
  const inputPanels = inputPanelCount(args);
  const table = pointer(args, Word.ROWS) != 0 && pointer(args, Word.D_WEIGHT_IH) != 0;
  if (table) clearTable(args, part, parts);
  if (total == 0 && word(args, Word.ACCUMULATE) == 0) clearGradients(args, part);
  for (let row = 0; row < total; row += depth) {
    const count = min(depth, total - row);
    const bytes = <usize>count * panelBytes;
    const hiddenPanels = panels + <usize>inputPanels * bytes;
    const tiles = hiddenPanels + <usize>panelCount(size) * bytes;
    // It reads the gates' gradients row by row, which then are near.
    if (table) addToTable(args, part, parts, row, count);
    packOperands(args, row, count, panels, hiddenPanels);
    if (word(args, Word.CELL) == Cell.GRU) {
      gateRows(args, part, parts, 2 * size, 0, 0, 0, row, count, panels, hiddenPanels, tiles, scratch);
      gateRows(args, part, parts, size, 2 * size, -1, 2 * size, row, count, panels, hiddenPanels, tiles, scratch);
      gateRows(args, part, parts, size, 3 * size, 2 * size, -1, row, count, panels, hiddenPanels, tiles, scratch);
    } else {
      gateRows(args, part, parts, gatesOf(word(args, Word.CELL)) * size, 0, 0, 0, row, count, panels, hiddenPanels, tiles, scratch);
    }
  }
}

/** The gradients of a batch without rows are zeros. */
function clearGradients(args: usize, part: i32): void {
  if (part > 0) return;
  const size = word(args, Word.HIDDEN_SIZE), gates = gatesOf(word(args, Word.CELL)) * size;
  if (pointer(args, Word.ROWS) == 0) clear(pointer(args, Word.D_WEIGHT_IH), rowsBytes(gates, word(args, Word.INPUT_SIZE)));
  clear(pointer(args, Word.D_WEIGHT_HH), rowsBytes(gates, size));
  clear(pointer(args, Word.D_BIAS_IH), rowsBytes(1, gates));
  clear(pointer(args, Word.D_BIAS_HH), rowsBytes(1, gates));
}

function clear(gradient: usize, bytes: usize): void {
  if (gradient != 0) memory.fill(gradient, 0, bytes);
}

/**
 * Adds what `count` rows of `[T·B]` from `row` on give to the gradients of `length` gate rows: those that start at column `from` of
 * `dGates`, at row `inputRow` of W's gradient and at row `hiddenRow` of U's (−1: they have no part in it).
 */
function gateRows(
  args: usize, part: i32, parts: i32, length: i32, from: i32, inputRow: i32, hiddenRow: i32, row: i32, count: i32,
  inputPanels: usize, hiddenPanels: usize, tiles: usize, fringe: usize,
): void {
  const size = word(args, Word.HIDDEN_SIZE), inputSize = word(args, Word.INPUT_SIZE);
  const gradients = gradientBlocksOf(word(args, Word.CELL)) * size;
  const start = row == 0 && word(args, Word.ACCUMULATE) == 0 ? startZero : startC;
  const dGates = pointer(args, Word.D_GATES) + rowsBytes(row, gradients);
  const end = partBegin(length, 16, part + 1, parts);
  for (let gate = partBegin(length, 16, part, parts); gate < end; gate += rowsAtOnce) {
    const rows = min(rowsAtOnce, end - gate);
    const columns = dGates + (<usize>(from + gate) << 2), gradientBytes = rowsBytes(1, gradients);
    if (!isSingle(args)) packTiles(tiles, columns, gradientBytes, count, rows);
    if (inputRow >= 0) {
      const at = inputRow + gate;
      const weight: usize = pointer(args, Word.ROWS) != 0 ? 0 : pointer(args, Word.D_WEIGHT_IH);
      rowsOf(args, weight, at, inputSize, columns, tiles, rows, inputPanels, count, start, fringe);
      biasOf(pointer(args, Word.D_BIAS_IH), at, columns, gradientBytes, count, rows, start);
    }
    if (hiddenRow >= 0) {
      const at = hiddenRow + gate;
      rowsOf(args, pointer(args, Word.D_WEIGHT_HH), at, size, columns, tiles, rows, hiddenPanels, count, start, fringe);
      const hidden = pointer(args, Word.D_BIAS_HH), input = pointer(args, Word.D_BIAS_IH);
      if (hidden != 0 && input != 0 && isTwin(args)) memory.copy(hidden + rowsBytes(1, at), input + rowsBytes(1, at), rowsBytes(1, rows));
      else biasOf(hidden, at, columns, gradientBytes, count, rows, start);
    }
  }
}

/** Some rows of a weight's gradient, where it is wanted. A single step needs no tiles; panels of one step are a row. */
function rowsOf(
  args: usize, weight: usize, row: i32, n: i32, columns: usize, tiles: usize, rows: i32, panels: usize, count: i32, start: i32,
  fringe: usize,
): void {
  if (weight == 0) return;
  const rowBytes = rowsBytes(1, n);
  const at = weight + <usize>row * rowBytes;
  if (isSingle(args)) outer(columns, rows, panels, n, at, rowBytes, start == startC);
  else multiplyTiles(tiles, rows, panels, count, n, at, rowBytes, start, 0, fringe);
}

/** Whether both biases have the same gradient: not where it is added to gradients so far, nor for gru, whose n gate meets them differently. */
@inline
function isTwin(args: usize): bool {
  return word(args, Word.CELL) != Cell.GRU && word(args, Word.ACCUMULATE) == 0;
}

/** Whether one step and row is all there is. */
@inline
function isSingle(args: usize): bool {
  return word(args, Word.TIME) * word(args, Word.BATCH) == 1;
}

/** The same rows of a bias's gradient, where it is wanted: sums over the steps. */
function biasOf(bias: usize, row: i32, columns: usize, step: usize, count: i32, rows: i32, start: i32): void {
  if (bias != 0) columnSums(columns, step, count, rows, bias + (<usize>row << 2), start == startC);
}
