import {
  ArgumentError,
  fromArray,
  key,
  normal,
  scope,
  ShapeError,
  sliceAxis,
  tensor,
  uniformValues,
  valueAndGrad,
  withoutFusedOps,
  type Tensor,
  zeros,
} from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import {
  binaryCrossEntropy,
  countElements,
  countTargets,
  crossEntropy,
  meanSquaredError,
  normalise,
} from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';
import { Golden, goldenEntries } from './support/golden.js';

const f64 = { dtype: 'f64' } as const;
const i32 = { dtype: 'i32' } as const;

describe('losses agree with PyTorch', () => {
  withFreshBackend();

  const [entropy] = goldenEntries('cross-entropy');
  it.each(entropy?.variants ?? [])('crossEntropy $name', ({ name, reduction, ignoreIndex, labelSmoothing, targets }) =>
    scope(() => {
      const golden = new Golden(entropy?.file as string);
      const ignore = ignoreIndex === -100 ? {} : { ignoreIndex: ignoreIndex as number };
      const classes = golden.tensor(targets as string);
      const { value, gradient } = valueAndGrad((logits: Tensor) =>
        crossEntropy(logits, classes, { ...ignore, labelSmoothing: labelSmoothing as number }),
      )(golden.tensor('logits'));
      const mean = normalise({ value, gradient }, reduction === 'mean' ? countTargets(classes, ignore) : 1);
      expectClose(mean.value, golden.values(`loss.${String(name)}`), 1e-10, 'loss');
      expectClose(mean.gradient, golden.values(`grad.${String(name)}.logits`), 1e-10, 'gradient');
    }),
  );

  const elementwise = [...goldenEntries('mean-squared-error'), ...goldenEntries('binary-cross-entropy')].flatMap(
    ({ file, role, variants = [] }) => variants.map(({ name }) => ({ file, role, name: String(name) })),
  );
  it.each(elementwise)('$role $name', ({ file, role, name }) =>
    scope(() => {
      const golden = new Golden(file);
      const loss = role === 'mean-squared-error' ? meanSquaredError : binaryCrossEntropy;
      const target = golden.tensor('target');
      const { value, gradient } = valueAndGrad((prediction: Tensor) => loss(prediction, target))(
        golden.tensor('prediction'),
      );
      const mean = normalise({ value, gradient }, name === 'mean' ? countElements(target) : 1);
      expectClose(mean.value, golden.values(`loss.${name}`), 1e-10, 'loss');
      expectClose(mean.gradient, golden.values(`grad.${name}.prediction`), 1e-10, 'gradient');
    }),
  );
});

describe('what is left out adds exactly nothing, even where it is NaN', () => {
  withFreshBackend();
  const mask = [
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  const masked = (time: number, row: number): boolean => mask[time]?.[row] === 0;

  /** Values `[3, 2, width]`, with NaN where masked if `spoil`. */
  const values = (width: number, spoil: boolean, seed: number): Tensor => {
    const drawn = uniformValues(key(seed), 6 * width);
    return fromArray(
      drawn.map((value, index) => {
        const item = Math.floor(index / width);
        return spoil && masked(Math.floor(item / 2), item % 2) ? NaN : value;
      }),
      [3, 2, width],
      f64,
    );
  };

  const losses = {
    crossEntropy: (x: Tensor, spoil: boolean) => {
      const targets = [1, spoil ? 99 : 0, 2, 0, spoil ? 99 : 1, 2];
      return crossEntropy(x, fromArray(targets, [3, 2], i32), { mask: tensor(mask, i32), labelSmoothing: 0.1 });
    },
    'crossEntropy by negative targets': (x: Tensor) => crossEntropy(x, fromArray([1, -1, 2, 0, -100, 2], [3, 2], i32)),
    'crossEntropy by ignoreIndex': (x: Tensor) =>
      crossEntropy(x, fromArray([1, 0, 2, 2, 0, 2], [3, 2], i32), { ignoreIndex: 0 }),
    meanSquaredError: (x: Tensor, spoil: boolean) =>
      meanSquaredError(x, values(3, spoil, 9), { mask: tensor(mask, i32) }),
    binaryCrossEntropy: (x: Tensor, spoil: boolean) =>
      binaryCrossEntropy(x, values(3, spoil, 9), { mask: tensor(mask, i32) }),
  };

  for (const [name, loss] of Object.entries(losses)) {
    for (const path of ['fused', 'composed'] as const) {
      it(`${name}, ${path}`, () =>
        scope(() => {
          const run = (spoil: boolean) => {
            const both = () => valueAndGrad((x: Tensor) => loss(x, spoil))(values(3, spoil, 4));
            return path === 'fused' ? both() : withoutFusedOps(both);
          };
          const [clean, spoilt] = [run(false), run(true)];
          expect(spoilt.value.readSync()).toEqual(clean.value.readSync());
          expect(Number.isFinite(spoilt.value.readSync()[0])).toBe(true);
          expect(spoilt.gradient.readSync()).toEqual(clean.gradient.readSync());
          spoilt.gradient.readSync().forEach((value, index) => {
            const item = Math.floor(index / 3);
            if (masked(Math.floor(item / 2), item % 2)) expect(value).toBe(0);
            else expect(value).not.toBe(0);
          });
        }));
    }
  }

  it('counts what is left', () =>
    scope(() => {
      const targets = fromArray([1, 0, 2, 0, -100, 2], [3, 2], i32);
      const counts = [
        countTargets(targets),
        countTargets(targets, { ignoreIndex: 0 }),
        countTargets(targets, { mask: tensor(mask, i32) }),
        countTargets(targets, { mask: tensor(mask, i32), ignoreIndex: 2 }),
        countElements(values(3, false, 1)),
        countElements(values(3, false, 1), { mask: tensor(mask, i32) }),
      ];
      expect(counts.map((count) => count.readSync()[0])).toEqual([5, 3, 4, 2, 18, 12]);
    }));
});

describe('normalise', () => {
  withFreshBackend();

  it('makes chunks of any lengths add up to the mean of the whole run', () =>
    scope(() => {
      const x = normal(key(1), [7, 3, 5], f64);
      const y = fromArray(
        Array.from({ length: 21 }, (_, index) => index % 5),
        [7, 3],
        i32,
      );
      const weight = countTargets(y);
      const whole = valueAndGrad((a: Tensor) => crossEntropy(a, y))(x);
      const wholeMean = normalise(whole.value, weight).readSync()[0] as number;
      const chunks = [
        [0, 3],
        [3, 6],
        [6, 7],
      ].map(([from, to]) =>
        crossEntropy(sliceAxis(x, from as number, to as number), sliceAxis(y, from as number, to as number)),
      );
      const total = chunks.reduce((all, chunk) => all + (normalise(chunk, weight).readSync()[0] as number), 0);
      expect(total).toBeCloseTo(wholeMean, 12);
    }));

  it('gives 0, not NaN, for nothing', () =>
    scope(() => {
      const tree = { a: tensor([2, 4], f64), b: tensor([6]) };
      for (const nothing of [0, tensor(0)]) {
        const { a, b } = normalise(tree, nothing);
        expect([...a.readSync(), ...b.readSync()]).toEqual([0, 0, 0]);
      }
      const { a, b } = normalise(tree, tensor(2));
      expect([...a.readSync(), ...b.readSync()]).toEqual([1, 2, 3]);
      expect(() => normalise(tree, -1)).toThrow(ArgumentError);
    }));
});

describe('losses refuse what does not fit', () => {
  it.each([
    ['crossEntropy', crossEntropy],
    ['meanSquaredError', meanSquaredError],
    ['binaryCrossEntropy', binaryCrossEntropy],
  ])('%s of what is no tensor', (name, loss) => {
    scope(() => {
      const x = zeros([2, 3]);
      for (const wrong of [0.5, null, undefined, 'x', [1, 2]] as unknown as Tensor[]) {
        expect(() => loss(wrong, x)).toThrow(new RegExp(`^${name}: \\w+ must be a tensor, but is`));
        expect(() => loss(x, wrong)).toThrow(ArgumentError);
      }
    });
  });

  withFreshBackend();

  it('shapes that would broadcast', () =>
    scope(() => {
      const prediction = tensor([[1], [2]]);
      expect(() => meanSquaredError(prediction, tensor([1, 2]))).toThrow(ShapeError);
      expect(() => binaryCrossEntropy(prediction, tensor([1, 2]))).toThrow(/same shape/);
      expect(() => crossEntropy(prediction, tensor([[0], [0]], i32))).toThrow(/logits \[2, 1\] and targets \[2, 1\]/);
      expect(() => meanSquaredError(prediction, prediction, { mask: tensor([1, 1, 1], i32) })).toThrow(/mask \[3\]/);
    }));

  it('is differentiable where the logit is 0', () =>
    scope(() => {
      const { gradient } = valueAndGrad((x: Tensor) => binaryCrossEntropy(x, tensor([0.25], f64)))(tensor([0], f64));
      expect(gradient.readSync()[0]).toBe(0.25);
    }));
});
