import { treeFill, treeLeaves, type RecurrentParams, type Tensor } from '@tempograd/core';
import type { FloatDType } from '@tempograd/core/backend';
import type { AnyCell, Kit } from '../run/Kit.js';
import { recurrentSubject, type SegmentShape } from './recurrentSubject.js';
import type { Subject } from './Subject.js';

/** How a cell is run over time: by its whole-segment path where it has one, or one step after another. */
export type CellPath = 'segment' | 'steps';

/** A cell of the kit run by the kit's scan, as a subject whose inputs and outputs are those of the fused op. */
export function cellSubject(kit: Kit, shape: SegmentShape, dtype: FloatDType, path: CellPath): Subject {
  const base = recurrentSubject(shape);
  return { ...base, trusted: base.apply, apply: (...inputs) => runCell(kit, shape, dtype, path, inputs) };
}

function runCell(
  kit: Kit,
  shape: SegmentShape,
  dtype: FloatDType,
  path: CellPath,
  inputs: readonly Tensor[],
): Tensor[] {
  const { cell: kind, bias, mask, reverse, hidden, batch } = shape;
  const [input, weight_ih, weight_hh, ...rest] = inputs as [Tensor, Tensor, Tensor, ...Tensor[]];
  const cell = kit.cells[kind]({ hiddenSize: hidden });
  // The carry of the cell's own making says how its tree looks; its leaves are replaced by those given.
  const structure = cell.initialCarry(batch, { dtype, backend: input.backend });
  const states = treeLeaves(structure).length;
  const [bias_ih = null, bias_hh = null] = bias ? rest.slice(states) : [];
  const params: RecurrentParams = { weight_ih, weight_hh, bias_ih, bias_hh };
  const options = { reverse, mask: mask === 'none' ? null : (rest.at(-1) as Tensor) };
  const carry = treeFill(structure, rest.slice(0, states));
  const result = kit.scan(path === 'steps' ? stepwise(cell) : cell, params, carry, input, options);
  return [result.output, ...treeLeaves(result.carry)];
}

/** The cell without its whole-segment path. */
function stepwise(cell: AnyCell): AnyCell {
  return { initialCarry: cell.initialCarry.bind(cell), step: cell.step.bind(cell) };
}
