import * as core from '@tempograd/core';
import { binaryOps, compareOps, unaryOps } from '@tempograd/core/backend';
import * as forms from '../host/closedForms.js';
import { floats, ints, type HostArray } from '../host/HostArray.js';
import { map, zip } from '../host/indexing.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { gradientOn, valueOn, type TensorFunction } from '../subject/evaluate.js';

const special = [NaN, Infinity, -Infinity, 0, 1, -1, 2.5];
const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));

/** `1 ^ NaN` is 1 in some languages and NaN in others; all else of `pow` is the same everywhere. */
const agreed = (op: string): readonly (readonly [number, number])[] =>
  op === 'pow' ? pairs.filter(([a, b]) => Math.abs(a) !== 1 && Number.isFinite(b)) : pairs;

function nonFinite(
  op: string,
  title: string,
  inputs: readonly HostArray[],
  fn: TensorFunction,
  expected: HostArray,
  opClass: 'exact' | 'elementwise' = 'exact',
): ConformanceCase {
  return defineCase(
    { name: `${op}: value, ${title}`, group: 'nonFinite', op, kind: 'value', mayDeviate: true },
    async (check) => {
      const actual = await valueOn(check.device, fn, inputs);
      check.compareAll(actual, [expected], { measure: 'value', opClass, what: 'the value' });
    },
  );
}

/** NaN and infinity go in, and come out where the contract says so: a diverging run must be seen to diverge. */
export const nonFiniteCases: readonly ConformanceCase[] = [
  ...unaryOps.map((op) => {
    const x = floats([7], special);
    return nonFinite(op, 'of NaN and infinity', [x], core[op], map(x, forms.unaryForms[op]), 'elementwise');
  }),
  ...binaryOps.map((op) => {
    const all = agreed(op);
    const [a, b] = [
      floats(
        [all.length],
        all.map(([x]) => x),
      ),
      floats(
        [all.length],
        all.map(([, y]) => y),
      ),
    ];
    return nonFinite(
      op,
      'of NaN and infinity',
      [a, b],
      (x, y) => core[op](x, y),
      zip([a, b], forms.binaryForms[op]),
      'elementwise',
    );
  }),
  ...compareOps.map((op) => {
    const [a, b] = [
      floats(
        [49],
        pairs.map(([x]) => x),
      ),
      floats(
        [49],
        pairs.map(([, y]) => y),
      ),
    ];
    return nonFinite(
      op,
      'of NaN and infinity',
      [a, b],
      (x, y) => core[op](x, y),
      zip([a, b], forms.compareForms[op], 'i32'),
    );
  }),
  // A computed NaN may have its sign set, as ∞ − ∞ has on some machines; by its bits it then looks smaller than −∞.
  ...(['maximum', 'minimum'] as const).map((op) => {
    const [a, b] = [floats([4], [NaN, 1, NaN, -Infinity]), floats([4], [1, NaN, NaN, NaN])];
    const all = floats([4], [NaN, NaN, NaN, NaN]);
    return nonFinite(op, 'of NaN with its sign set', [a, b], (x, y) => core[op](core.neg(x), core.neg(y)), all);
  }),
  nonFinite(
    'max',
    'with NaN with its sign set',
    [floats([2, 3], [1, NaN, 2, 3, 2, 1])],
    (x) => core.max(core.neg(x), { axes: 1 }),
    floats([2], [NaN, -1]),
  ),
  nonFinite(
    'select',
    'the branch not taken is NaN',
    [ints([4], [1, 0, 1, 0]), floats([4], [1, NaN, 3, Infinity]), floats([4], [NaN, 2, -Infinity, 4])],
    (c, a, b) => core.select(c, a, b),
    floats([4], [1, 2, 3, 4]),
  ),
  ...(['sum', 'max'] as const).map((op) => {
    const x = floats([5, 3], [1, NaN, 2, NaN, 1, 1, 1, 2, NaN, Infinity, 1, 2, -Infinity, -Infinity, -Infinity]);
    const expected = op === 'sum' ? forms.sumForm(x, [1]) : forms.maxForm(x, [1]);
    return nonFinite(op, 'with NaN and infinity', [x], (a) => core[op](a, { axes: 1 }), expected);
  }),
  ...(['sum', 'max'] as const).map((op) => {
    const x = floats([3, 4], [1, NaN, 2, Infinity, NaN, 1, 1, 3, 1, 2, -Infinity, 1]);
    const expected = op === 'sum' ? forms.sumForm(x, [0]) : forms.maxForm(x, [0]);
    return nonFinite(op, 'with NaN and infinity over the first axis', [x], (a) => core[op](a, { axes: 0 }), expected);
  }),
  ...[false, true].map((transposed) => {
    // One NaN, one infinity; zeros stand against both, so that a kernel that skips zeros is seen.
    const a = floats([3, 3], [1, NaN, 2, 0, 1, 1, 3, 1, Infinity]);
    const b = floats([3, 3], [0, 1, 2, 0, 1, 2, 0, 1, 2]);
    return nonFinite(
      'matmul',
      `with NaN and infinity${transposed ? ', second transposed' : ''}`,
      [a, b],
      (x, y) => core.matmul(x, y, { transposeB: transposed }),
      forms.matmulForm(a, b, false, transposed),
    );
  }),
  nonFinite(
    'gather',
    'of NaN rows',
    [floats([2, 2], [NaN, Infinity, 1, 2]), ints([3], [1, 0, 1])],
    (x, rows) => core.gather(x, rows),
    floats([3, 2], [1, 2, NaN, Infinity, 1, 2]),
  ),
  defineCase(
    { name: 'select: gradient, the branch not taken is NaN', group: 'nonFinite', op: 'select', kind: 'gradient' },
    async (check) => {
      // √x is chosen where it is defined; the other branch must not put 0 · ∞ into the gradient of its own input.
      const x = floats([4], [4, 1, 9, 16]);
      const y = floats([4], [NaN, Infinity, NaN, -Infinity]);
      const actual = await gradientOn(
        check.device,
        (c, a, b) => core.select(c, core.mul(a, a), core.mul(b, b)),
        [ints([4], [1, 1, 1, 1]), x, y],
        [floats([4], [1, 1, 1, 1])],
      );
      const [ofX] = actual;
      check.compare(
        ofX!,
        map(x, (v) => 2 * v),
        { measure: 'gradient', opClass: 'elementwise', what: 'the gradient of the branch taken' },
      );
    },
  ),
];
