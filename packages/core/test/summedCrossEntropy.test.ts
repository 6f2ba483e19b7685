import { createBackend } from '@tempograd/backend-js';
import { describe, expect, test } from 'vitest';
import {
  full,
  grad,
  mul,
  recordPaths,
  scope,
  ShapeError,
  softmaxCrossEntropy,
  sum,
  summedSoftmaxCrossEntropy,
  tensor,
  useBackend,
  valueAndGrad,
  vmap,
  withoutFusedOps,
  type Tensor,
} from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();
useBackend(backend);
leavesNothingOn(backend);

type Loss = (logits: Tensor, targets: Tensor) => Tensor;

const rows = [
  [0.5, -1, 2],
  [3, 1e4, -7],
  [NaN, 1, 2],
  [Infinity, 0, 1],
  [-0, 0, 88],
];

/** Value and gradient of a loss, multiplied by a number. */
function of(loss: Loss, values: number[][], classes: number[], factor: number): number[][] {
  return scope(() => {
    const targets = tensor(classes, { dtype: 'i32' });
    const { value, gradient } = valueAndGrad((x: Tensor) => mul(loss(x, targets), factor))(tensor(values));
    return [[...value.readSync()], [...gradient.readSync()]];
  });
}

describe('the summed softmax cross-entropy', () => {
  test.each([
    ['all rows', rows.slice(0, 2), [2, 0]],
    ['one row', rows.slice(0, 1), [1]],
    ['rows that are left out, whatever they hold', rows, [2, 0, -1, -5, 1]],
    ['rows that are no numbers', rows, [0, 0, 1, 1, 1]],
    ['a target that is no class', rows.slice(0, 2), [1, 3]],
  ])('is the sum, bit for bit, with its gradient: %s', (_, values, classes) => {
    for (const smoothing of [0, 0.2]) {
      const summed: Loss = (x, y) => summedSoftmaxCrossEntropy(x, y, smoothing);
      const apart: Loss = (x, y) => sum(softmaxCrossEntropy(x, y, smoothing));
      for (const factor of [1, -0.3, 0, Infinity]) {
        const wanted = of(apart, values, classes, factor);
        expect(of(summed, values, classes, factor)).toEqual(wanted);
        expect(withoutFusedOps(() => of(summed, values, classes, factor))).toEqual(
          withoutFusedOps(() => of(apart, values, classes, factor)),
        );
      }
    }
  });

  test('is one fused op, of any leading axes', () => {
    scope(() => {
      const targets = full([2, 3], 1, { dtype: 'i32' });
      const { result, paths } = recordPaths(() => summedSoftmaxCrossEntropy(full([2, 3, 4], 1), targets));
      expect(result.shape).toEqual([]);
      expect(result.readSync()[0]).toBeCloseTo(6 * Math.log(4), 5);
      expect(paths).toEqual([{ family: 'softmaxCrossEntropy', path: 'fused', reason: '' }]);
      expect(summedSoftmaxCrossEntropy(full([0, 4], 1), full([0], 1, { dtype: 'i32' })).readSync()[0]).toBe(0);
      expect(() => summedSoftmaxCrossEntropy(full([2, 4], 1), targets)).toThrow(ShapeError);
      expect(() => summedSoftmaxCrossEntropy(full([2, 4], 1), targets)).toThrow(/summedSoftmaxCrossEntropy: logits/);
    });
  });

  test('is differentiated twice and batched as the sum is', () => {
    scope(() => {
      const targets = tensor([2, 0], { dtype: 'i32' });
      const losses: Loss[] = [summedSoftmaxCrossEntropy, (x, y) => sum(softmaxCrossEntropy(x, y))];
      const [one, other] = losses.map((loss) => {
        const slope = grad((x: Tensor) => loss(x, targets));
        const curvature = grad((x: Tensor) => sum(mul(slope(x), x)));
        const each = vmap((x: Tensor) => loss(x, targets));
        const x = tensor([rows[0] as number[], [1, 0, -2]]);
        const batch = tensor([rows.slice(0, 2), [rows[0] as number[], [1, 0, -2]]]);
        return [...curvature(x).readSync(), ...each(batch).readSync()];
      });
      expect(one).toEqual(other);
      expect(one?.every(Number.isFinite)).toBe(true);
    });
  });
});
