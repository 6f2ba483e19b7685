import { recurrentCells, type RecurrentCell } from '@tempograd/core/backend';
import { treeLeaves } from '@tempograd/core';
import type { Check } from '../check/Check.js';
import { floats } from '../host/HostArray.js';
import { defineCase, type CaseKind, type ConformanceCase } from '../run/Case.js';
import { cellSubject, type CellPath } from '../subject/cellSubject.js';
import type { SegmentShape } from '../subject/recurrentSubject.js';
import { checkGradient, checkJvp, checkValue } from '../subject/subjectChecks.js';

const plain = { time: 4, batch: 2, inputs: 3, hidden: 3, bias: true, mask: 'none', reverse: false } as const;

const variants: readonly (readonly [string, Omit<SegmentShape, 'cell'>])[] = [
  ['', plain],
  ['one step', { ...plain, time: 1 }],
  ['without biases', { ...plain, bias: false }],
  ['ragged mask', { ...plain, time: 5, batch: 3, mask: 'ragged' }],
  ['mask with holes', { ...plain, time: 5, batch: 3, mask: 'holes' }],
  ['reversed, mask with holes', { ...plain, time: 5, batch: 3, reverse: true, mask: 'holes' }],
  ['rows and steps that are masked throughout', { ...plain, mask: 'empty rows and steps' }],
];

const checks = { value: checkValue, gradient: checkGradient, jvp: checkJvp };

function cellCase(
  cell: RecurrentCell,
  path: CellPath,
  title: string,
  shape: Omit<SegmentShape, 'cell'>,
  kind: keyof typeof checks,
): ConformanceCase {
  const how = path === 'steps' ? 'step after step' : 'as a segment';
  return defineCase(
    { name: `${cell} cell: ${kind}, ${how}${title && `, ${title}`}`, group: 'cells', op: `${cell} cell`, kind },
    (check: Check) => checks[kind](check, cellSubject(check.context.kit, { ...shape, cell }, check.dtype, path)),
  );
}

const kindsOf = (title: string): readonly Extract<CaseKind, keyof typeof checks>[] =>
  title === '' ? ['value', 'gradient', 'jvp'] : ['value', 'gradient'];

/** The standard cells as users run them: by scan, on the whole-segment path and step after step, against the same equations. */
export const cellCases: readonly ConformanceCase[] = recurrentCells.flatMap((cell) => [
  ...variants.flatMap(([title, shape]) =>
    (['segment', 'steps'] as const).flatMap((path) =>
      kindsOf(title).map((kind) => cellCase(cell, path, title, shape, kind)),
    ),
  ),
  defineCase(
    { name: `${cell} cell: value, initial carry`, group: 'cells', op: `${cell} cell`, kind: 'value' },
    async (check) => {
      const carry = await check.device.run(() =>
        treeLeaves(check.context.kit.cells[cell]({ hiddenSize: 3 }).initialCarry(2, { dtype: check.dtype })),
      );
      const zeros = floats([2, 3], new Float64Array(6));
      check.compareAll(carry, cell === 'lstm' ? [zeros, zeros] : [zeros], {
        measure: 'value',
        opClass: 'exact',
        what: 'the carry',
      });
    },
  ),
]);
