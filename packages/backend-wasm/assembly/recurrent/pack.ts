import { pack, packedBytes, panelCount } from '../product/packed';
import { lines } from '../task/bytes';
import { pointer, word } from '../task/part';
import { Cell, Word, gatesOf, packsHidden, packsInput } from './block';

// The packed weights stand one after another: W, then U. For gru each side comes in two, where its n gate goes a way of its
// own: forwards U's rows r, z and U's rows n, backwards W's rows r, z and W's rows n.

/** Bytes of the packed input weights, `Wᵀ [I, G·H]`. */
export function forwardInputBytes(args: usize): u64 {
  if (!packsInput(args)) return 0;
  return lines(packedBytes(word(args, Word.INPUT_SIZE), gatesOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE)));
}

/** Bytes of the first packed part of the recurrent weights, `Uᵀ [H, G·H]`, for gru of its rows r and z. */
export function forwardHiddenBytes(args: usize): u64 {
  if (!packsHidden(args)) return 0;
  const size = word(args, Word.HIDDEN_SIZE), cell = word(args, Word.CELL);
  return lines(packedBytes(size, (cell == Cell.GRU ? 2 : gatesOf(cell)) * size));
}

/** Bytes of shared scratch `packed` for the forward pass. */
export function recurrentForwardPackedBytes(args: usize): f64 {
  let bytes = forwardInputBytes(args) + forwardHiddenBytes(args);
  if (word(args, Word.CELL) == Cell.GRU && packsHidden(args)) bytes += packedBytes(word(args, Word.HIDDEN_SIZE), word(args, Word.HIDDEN_SIZE));
  return <f64>bytes;
}

/** Packs the weights for the forward pass. */
export function recurrentForwardPack(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const size = word(args, Word.HIDDEN_SIZE), inputSize = word(args, Word.INPUT_SIZE), cell = word(args, Word.CELL);
  const gates = gatesOf(cell);
  let packed = pointer(args, Word.PACKED);
  if (packsInput(args)) packPart(packed, pointer(args, Word.WEIGHT_IH), true, inputSize, gates * size, part, parts);
  if (!packsHidden(args)) return;
  const hidden = pointer(args, Word.WEIGHT_HH);
  packed += <usize>forwardInputBytes(args);
  if (cell != Cell.GRU) return packPart(packed, hidden, true, size, gates * size, part, parts);
  packPart(packed, hidden, true, size, 2 * size, part, parts);
  packPart(packed + <usize>forwardHiddenBytes(args), hidden + rowsBytes(2 * size, size), true, size, size, part, parts);
}

/** Bytes of the packed recurrent weights, `U [G·H, H]`. */
export function backwardHiddenBytes(args: usize): u64 {
  if (!packsHidden(args)) return 0;
  return lines(packedBytes(gatesOf(word(args, Word.CELL)) * word(args, Word.HIDDEN_SIZE), word(args, Word.HIDDEN_SIZE)));
}

/** Bytes of the first packed part of the input weights, `W [G·H, I]`, for gru of its rows r and z. */
export function backwardInputBytes(args: usize): u64 {
  if (!packsInput(args) || pointer(args, Word.D_INPUT) == 0) return 0;
  const cell = word(args, Word.CELL);
  return lines(packedBytes((cell == Cell.GRU ? 2 : gatesOf(cell)) * word(args, Word.HIDDEN_SIZE), word(args, Word.INPUT_SIZE)));
}

/** Bytes of shared scratch `packed` for the backward pass. */
export function recurrentBackwardPackedBytes(args: usize): f64 {
  const input = backwardInputBytes(args);
  let bytes = backwardHiddenBytes(args) + input;
  if (word(args, Word.CELL) == Cell.GRU && input > 0) bytes += packedBytes(word(args, Word.HIDDEN_SIZE), word(args, Word.INPUT_SIZE));
  return <f64>bytes;
}

/** Packs the weights for the backward pass. */
export function recurrentBackwardPack(args: usize, part: i32, parts: i32, _scratch: usize): void {
  const size = word(args, Word.HIDDEN_SIZE), inputSize = word(args, Word.INPUT_SIZE), cell = word(args, Word.CELL);
  const gates = gatesOf(cell);
  let packed = pointer(args, Word.PACKED);
  if (packsHidden(args)) packPart(packed, pointer(args, Word.WEIGHT_HH), false, gates * size, size, part, parts);
  if (backwardInputBytes(args) == 0) return;
  const input = pointer(args, Word.WEIGHT_IH);
  packed += <usize>backwardHiddenBytes(args);
  if (cell != Cell.GRU) return packPart(packed, input, false, gates * size, inputSize, part, parts);
  packPart(packed, input, false, 2 * size, inputSize, part, parts);
  packPart(packed + <usize>backwardInputBytes(args), input + rowsBytes(2 * size, inputSize), false, size, inputSize, part, parts);
}

/** One part of the panels of one matrix, whose rows stand one after another. */
function packPart(packed: usize, b: usize, transposed: bool, k: i32, n: i32, part: i32, parts: i32): void {
  const panels = panelCount(n);
  const from = <i32>((<i64>panels * part) / parts), to = <i32>((<i64>panels * (part + 1)) / parts);
  pack(packed, b, <usize>(transposed ? k : n) << 2, transposed, k, n, from, to);
}

/** Bytes of `rows` rows of `columns` floats. */
@inline
export function rowsBytes(rows: i32, columns: i32): usize {
  return (<usize>rows * <usize>columns) << 2;
}
