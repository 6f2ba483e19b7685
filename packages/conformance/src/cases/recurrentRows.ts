import { recurrentCells, type RecurrentCell } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { at, build, ints, type HostArray } from '../host/HostArray.js';
import { recurrentForm, type HostRecurrent } from '../host/recurrentForm.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { gradientOn, valueOn } from '../subject/evaluate.js';
import { sampleSegment, segmentInputs, segmentOp, type SegmentShape } from '../subject/recurrentSubject.js';

const plain = { time: 5, batch: 5, inputs: 4, hidden: 3, bias: true, mask: 'none', reverse: false } as const;

/** The segment with row numbers for its input: `W` becomes the table `Wᵀ`. */
function byNumber(segment: HostRecurrent, numbers: HostArray): HostRecurrent {
  const [gates, rows] = segment.weightIh.shape as [number, number];
  const table = build([rows, gates], (i) => at(segment.weightIh, (i % gates) * rows + Math.floor(i / gates)));
  return { ...segment, input: numbers, weightIh: table };
}

/** What row numbers stand for: vectors with a single 1, and NaN for a row that is not there. */
function vectorsOf(numbers: HostArray, rows: number): HostArray {
  return build([...numbers.shape, rows], (i) => {
    const number = at(numbers, Math.floor(i / rows));
    return number < 0 || number >= rows ? NaN : Number(number === i % rows);
  });
}

async function checkValues(
  check: Check,
  shape: SegmentShape,
  given: HostRecurrent,
  meant: HostRecurrent,
): Promise<void> {
  const { output, carry } = recurrentForm(meant);
  const actual = await valueOn(check.device, segmentOp(shape), segmentInputs(given));
  check.compareAll(actual, [output, ...carry], { measure: 'value', opClass: 'recurrent', what: 'output, carry' });
}

/** A number outside the table is NaN for its batch row from there on, and nothing to the others. */
async function checkOutside(check: Check, cell: RecurrentCell, mask: 'none' | 'holes'): Promise<void> {
  const shape: SegmentShape = { ...plain, cell, mask };
  const segment = {
    ...sampleSegment(check.sample, shape),
    mask: mask === 'none' ? null : build([5, 5], (i) => Number(i !== 3), 'i32'),
  };
  // One outside for each batch row but the last: before the table, right behind it, far off, and that at the last step.
  const numbers = ints([5, 5], [3, 0, 1, 2, 3, 0, 4, 2, 1, 0, -1, 3, 1, 0, 2, 2, 1, 1000, 3, 1, 3, 0, 2, -2, 0]);
  await checkValues(check, shape, byNumber(segment, numbers), { ...segment, input: vectorsOf(numbers, 4) });
}

/** Values, and gradients of all but the numbers, the table's among them. */
async function checkNumbers(check: Check, shape: SegmentShape): Promise<void> {
  const segment = sampleSegment(check.sample, shape);
  const numbers = check.sample.integers([shape.time, shape.batch], 0, shape.inputs);
  const given = byNumber(segment, numbers);
  await checkValues(check, shape, given, { ...segment, input: vectorsOf(numbers, shape.inputs) });
  const inputs = segmentInputs(given);
  const op = segmentOp(shape);
  const cotangents = (await valueOn(check.oracle, op, inputs)).map((y) => check.sample.floats(y.shape));
  const actual = await gradientOn(check.device, op, inputs, cotangents);
  const trusted = await gradientOn(check.oracle, op, inputs, cotangents);
  check.compareAll(actual, trusted, { measure: 'gradient', opClass: 'recurrent', what: 'the gradient of float input' });
}

/** NaN in the input is NaN in its batch row from there on, through every activation, and nothing in the others. */
async function checkNan(check: Check, cell: RecurrentCell): Promise<void> {
  const shape: SegmentShape = { ...plain, cell };
  const sound = sampleSegment(check.sample, shape);
  const { inputs, batch } = shape;
  const input = build(sound.input.shape, (i) => (i === (2 * batch + 1) * inputs + 3 ? NaN : at(sound.input, i)));
  const segment = { ...sound, input };
  await checkValues(check, shape, segment, segment);
}

/** Segments whose input is row numbers of a table, and what is no number in one batch row. */
export const recurrentRowsCases: readonly ConformanceCase[] = recurrentCells.flatMap((cell) => {
  const about = { group: 'recurrent', op: cell } as const;
  return [
    ...(['none', 'holes'] as const).map((mask) =>
      defineCase(
        {
          ...about,
          kind: 'value',
          name: `${cell}: value, row numbers, some outside the table${mask === 'none' ? '' : ', masked'}`,
        },
        (check) => checkOutside(check, cell, mask),
      ),
    ),
    defineCase({ ...about, kind: 'gradient', name: `${cell}: gradient, row numbers` }, (check) =>
      checkNumbers(check, { ...plain, cell }),
    ),
    defineCase(
      { ...about, kind: 'gradient', name: `${cell}: gradient, row numbers, reversed, mask with holes` },
      (check) => checkNumbers(check, { ...plain, cell, reverse: true, mask: 'holes', bias: false }),
    ),
    defineCase(
      { ...about, kind: 'value', name: `${cell}: value, NaN in the input of one row`, mayDeviate: true },
      (check) => checkNan(check, cell),
    ),
  ];
});
