import fc from 'fast-check';
import { beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import * as tg from '../../src/index.js';
import type { Tensor } from '../../src/index.js';
import { backend, distance, live, loop, random, valuesOf } from './support.js';

beforeEach(() => {
  tg.useBackend(backend);
  const before = live();
  return () => expect(live(), 'live buffers').toBe(before);
});

interface Argument {
  readonly a: Tensor;
  readonly pair: readonly [Tensor, Tensor];
}

const argument = (): Argument => ({ a: random([2, 3], 1), pair: [random([3], 2), random([], 3)] });

/** Two results, of which each depends on some of the arguments. */
const fn = ({ a, pair: [b, c] }: Argument): { y: Tensor; z: readonly [Tensor] } => ({
  y: tg.tanh(tg.matmul(a, tg.reshape(tg.mul(b, b), [3, 1]))),
  z: [tg.mul(tg.concat([b, tg.reshape(tg.exp(c), [1])]), tg.sin(c))],
});

/** The block of one result by one argument, from one vjp for each element of the result. */
function rowByRow(result: (x: Argument) => Tensor, x: Argument): Argument {
  const { value, pullback } = tg.vjp(result, x);
  try {
    const gradients = Array.from({ length: value.size }, (_, element) => {
      const unit = new Float64Array(value.size);
      unit[element] = 1;
      return tg.treeLeaves(pullback(tg.fromArray(unit, value.shape, { dtype: 'f64' })));
    });
    const blocks = tg
      .treeLeaves(x)
      .map((leaf, index) =>
        tg.reshape(tg.stack(gradients.map((each) => each[index]!)), [...value.shape, ...leaf.shape]),
      );
    return tg.treeFill(x, blocks);
  } finally {
    pullback.dispose();
  }
}

/** d `result` / d `leaf` by central differences, with Richardson's extrapolation: accurate to about h⁴. */
function byDifferences(result: (leaf: Tensor) => Tensor, leaf: Tensor): Tensor {
  const h = 1e-3;
  const columns = Array.from({ length: leaf.size }, (_, element) => {
    const slope = (step: number): Tensor => {
      const at = (sign: number): Tensor => {
        const values = Float64Array.from(leaf.readSync());
        values[element]! += sign * step;
        return result(tg.fromArray(values, leaf.shape, { dtype: 'f64' }));
      };
      return tg.div(tg.sub(at(1), at(-1)), 2 * step);
    };
    return tg.div(tg.sub(tg.mul(slope(h), 4), slope(2 * h)), 3);
  });
  const last = tg.stack(columns, -1);
  return tg.reshape(last, [...last.shape.slice(0, -1), ...leaf.shape]);
}

describe.each([
  ['jacobian', tg.jacobian],
  ['jacobianForward', tg.jacobianForward],
] as const)('%s', (_, transform) => {
  test('has a block for each pair of a result and an argument, as finite differences say', () => {
    tg.scope(() => {
      const x = argument();
      const blocks = transform(fn)(x);
      expectTypeOf(blocks).toEqualTypeOf<{ y: Argument; z: readonly [Argument] }>();
      expect(blocks.y.a.shape).toEqual([2, 1, 2, 3]);
      expect(blocks.z[0].pair[0].shape).toEqual([4, 3]);
      expect(blocks.z[0].pair[1].shape).toEqual([4]);
      const given: [Argument, (v: ReturnType<typeof fn>) => Tensor][] = [
        [blocks.y, ({ y }) => y],
        [blocks.z[0], ({ z }) => z[0]],
      ];
      for (const [block, pick] of given) {
        const expected: Argument = {
          a: byDifferences((a) => pick(fn({ ...x, a })), x.a),
          pair: [
            byDifferences((b) => pick(fn({ ...x, pair: [b, x.pair[1]] })), x.pair[0]),
            byDifferences((c) => pick(fn({ ...x, pair: [x.pair[0], c] })), x.pair[1]),
          ],
        };
        expect(distance(block, expected)).toBeLessThan(1e-9);
      }
    });
  });

  test('is one vjp for each element of the value, in one pass', () => {
    tg.scope(() => {
      const x = argument();
      const { y, z } = transform(fn)(x);
      expect(
        distance(
          y,
          rowByRow((at) => fn(at).y, x),
        ),
      ).toBeLessThan(1e-15);
      expect(
        distance(
          z[0],
          rowByRow((at) => fn(at).z[0], x),
        ),
      ).toBeLessThan(1e-15);
    });
  });

  test('passes further arguments through', () => {
    tg.scope(() => {
      const [x, w] = [random([3], 1), random([2, 3], 2)];
      const linear = (at: Tensor, weight: Tensor): Tensor => tg.linear(at, weight);
      expect(distance(transform(linear)(x, w), w)).toBe(0);
    });
  });

  test('nests: second derivatives, a batch of Jacobians, the gradient of a Jacobian', () => {
    tg.scope(() => {
      const energy = (x: Tensor): Tensor => tg.sum(tg.mul(tg.sin(x), tg.flip(tg.mul(x, x))));
      const field = (x: Tensor): Tensor => tg.mul(tg.tanh(x), tg.flip(x));
      const x = random([4], 1);
      const hessian = transform(transform(energy))(x);
      expect(hessian.shape).toEqual([4, 4]);
      expect(distance(hessian, tg.transpose(hessian))).toBeLessThan(1e-15);
      expect(distance(hessian, byDifferences(tg.grad(energy), x))).toBeLessThan(1e-9);
      expect(distance(tg.jacobian(tg.jacobianForward(energy))(x), hessian)).toBeLessThan(1e-15);
      const rows = random([3, 4], 2);
      expect(distance(tg.vmap(transform(field))(rows), loop(transform(field), rows))).toBeLessThan(1e-15);
      const norm = (at: Tensor): Tensor => tg.sum(tg.mul(transform(field)(at), random([4, 4], 3)));
      expect(distance(tg.grad(norm)(x), byDifferences(norm, x))).toBeLessThan(1e-9);
      expect(
        distance(tg.jvp(norm, x, random([4], 4)).tangent, tg.sum(tg.mul(tg.grad(norm)(x), random([4], 4)))),
      ).toBeLessThan(1e-14);
    });
  });

  test('blocks of whole numbers are zeros, and blocks have the dtype of the argument', () => {
    tg.scope(() => {
      const x = { i: random([2], 1, 'i32'), d: random([3], 2), s: random([2], 3, 'f32'), none: null };
      const mixed = ({ i, d, s }: typeof x): { whole: Tensor; f: Tensor; none: null } => ({
        whole: tg.cast(tg.mul(d, 3), 'i32'),
        f: tg.mul(tg.cast(s, 'f64'), tg.mul(tg.cast(i, 'f64'), tg.sum(d))),
        none: null,
      });
      const { whole, f, none } = transform(mixed)(x);
      expect(none).toBeNull();
      expect(
        [whole.i, whole.d, whole.s, f.i, f.d, f.s].map(({ dtype, shape }) => `${dtype}[${shape.join(', ')}]`),
      ).toEqual(['i32[3, 2]', 'f64[3, 3]', 'f32[3, 2]', 'i32[2, 2]', 'f64[2, 3]', 'f32[2, 2]']);
      for (const block of [whole.i, whole.d, whole.s, f.i])
        expect(valuesOf(block).every((value) => value === 0)).toBe(true);
      const sum = valuesOf(x.d).reduce((a, b) => a + b, 0);
      const [i, s] = [valuesOf(x.i), valuesOf(x.s)];
      expect(valuesOf(f.d).map((value) => value + 0)).toEqual(
        [0, 1].flatMap((row) => [0, 1, 2].map(() => s[row]! * i[row]! + 0)),
      );
      const diagonal = [0, 1, 2, 3].map((at) => (at % 3 === 0 ? Math.fround(i[at / 3]! * sum) : 0));
      valuesOf(f.s).forEach((value, at) => expect(value).toBeCloseTo(diagonal[at]!, 6));
    });
  });

  test('of nothing: empty tensors have empty blocks, and what cannot move is refused', () => {
    tg.scope(() => {
      expect(transform((x: Tensor) => tg.mul(x, 2))(random([0], 1)).shape).toEqual([0, 0]);
      expect(transform((x: Tensor) => tg.sum(x))(random([0, 2], 1)).shape).toEqual([0, 2]);
      expect(transform((x: Tensor) => tg.sliceAxis(x, 0, 0))(random([2], 1)).shape).toEqual([0, 2]);
    });
    const whole = random([2], 1, 'i32');
    const message =
      transform === tg.jacobian ? /value has no floating-point tensor/ : /argument has no floating-point tensor/;
    expect(() => transform((x: Tensor) => tg.neg(x))(whole)).toThrow(message);
    expect(() => transform((x: Tensor) => tg.neg(x))(whole)).toThrow(tg.ArgumentError);
    expect(() => transform((x: Tensor) => tg.matmul(x, x))(whole)).toThrow(tg.TempogradError);
    whole.dispose();
  });

  test('any stack of layers: forward and reverse agree', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
        fc.integer(),
        (sizes, seed) => {
          tg.scope(() => {
            const layers = sizes.slice(1).map((size, index) => random([size, sizes[index]!], (seed % 1000) + index));
            const net = (x: Tensor): Tensor => layers.reduce((h, w) => tg.tanh(tg.linear(h, w)), x);
            const x = random([sizes[0]!], seed % 77);
            expect(distance(transform(net)(x), byDifferences(net, x))).toBeLessThan(1e-8);
          });
        },
      ),
      { numRuns: 20, seed: 3 },
    );
  });
});
