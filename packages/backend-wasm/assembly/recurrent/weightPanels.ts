// What the gates' gradients are multiplied with, packed: inputs, and hidden states before each step.
import { panelCount } from '../product/packed';
import { packPanel } from '../product/packPanel';
import { panelBytes, panelWidth } from '../product/panelRows';
import { pointer, word } from '../task/part';
import { Word } from './block';
import { rowsBytes } from './pack';

/** Panels of the inputs; none where they are row numbers of a table. */
export function inputPanelCount(args: usize): i32 {
  return pointer(args, Word.ROWS) != 0 ? 0 : panelCount(word(args, Word.INPUT_SIZE));
}

/** Panels of both operands, of `count` rows of `[T·B]` from `row` on; `hiddenPanels` follow the panels of the inputs. */
export function packOperands(args: usize, row: i32, count: i32, inputPanels: usize, hiddenPanels: usize): void {
  const inputs = inputPanelCount(args);
  if (inputs > 0) packInputs(args, row, count, inputPanels);
  packStates(args, row, count, hiddenPanels);
  if (pointer(args, Word.MASK) != 0) clearMasked(args, row, count, inputPanels, inputs + panelCount(word(args, Word.HIDDEN_SIZE)));
}

/** Panels of the inputs of `count` rows of `[T·B, I]` from `row` on. */
function packInputs(args: usize, row: i32, count: i32, panels: usize): void {
  const columns = word(args, Word.INPUT_SIZE);
  const rowBytes = rowsBytes(1, columns);
  let from = pointer(args, Word.INPUT) + <usize>row * rowBytes;
  for (let column = 0; column < columns; column += panelWidth) {
    packPanel(panels, from, rowBytes, count, min(panelWidth, columns - column));
    panels += <usize>count * panelBytes;
    from += panelBytes;
  }
}

/** Panels of the hidden states before the steps of the same rows: the states shifted by one step, with h0 at the start. */
function packStates(args: usize, row: i32, count: i32, panels: usize): void {
  const columns = word(args, Word.HIDDEN_SIZE), batch = word(args, Word.BATCH), reverse = word(args, Word.REVERSE) != 0;
  const rowBytes = rowsBytes(1, columns);
  // Rows before `turn` come from one source, the others from the other one.
  const turn = reverse ? (word(args, Word.TIME) - 1) * batch : batch;
  const leading = min(max(turn - row, 0), count);
  const h0 = pointer(args, Word.H0), states = pointer(args, Word.STATES);
  let early = reverse ? states + <usize>(row + batch) * rowBytes : h0 + <usize>row * rowBytes;
  let late = reverse ? h0 + <usize>(row + leading - turn) * rowBytes : states + <usize>(row + leading - turn) * rowBytes;
  for (let column = 0; column < columns; column += panelWidth) {
    const width = min(panelWidth, columns - column);
    if (leading > 0) packPanel(panels, early, rowBytes, leading, width);
    if (leading < count) packPanel(panels + <usize>leading * panelBytes, late, rowBytes, count - leading, width);
    panels += <usize>count * panelBytes;
    early += panelBytes;
    late += panelBytes;
  }
}

/** Zeros in all panels where the mask is 0: what stands there is not looked at, and may be no number. */
function clearMasked(args: usize, row: i32, count: i32, panels: usize, panelsOfAll: i32): void {
  const step = <usize>count * panelBytes;
  const mask = pointer(args, Word.MASK) + (<usize>row << 2);
  for (let r: usize = 0; r < <usize>count; r++) {
    if (load<i32>(mask + (r << 2)) != 0) continue;
    let at = panels + r * panelBytes;
    for (let panel = 0; panel < panelsOfAll; panel++, at += step) memory.fill(at, 0, panelBytes);
  }
}
