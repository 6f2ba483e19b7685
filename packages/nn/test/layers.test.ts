import {
  add,
  ArgumentError,
  concat,
  fromArray,
  grad,
  key,
  mul,
  normal,
  reshape,
  scope,
  ShapeError,
  sliceAxis,
  sum,
  tensor,
  treeEntries,
  treeMap,
  valueAndGrad,
  withoutFusedOps,
  zeros,
  type Key,
  type LstmCarry,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import {
  constantInit,
  dropout,
  embedding,
  gru,
  layerNorm,
  lengthsToMask,
  linear,
  lstm,
  rnn,
  type LayerNormParams,
  type RecurrentLayer,
  type RecurrentLayerParams,
} from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';
import { Golden, goldenEntries } from './support/golden.js';

const f64 = { dtype: 'f64' } as const;

describe('embedding and layer norm agree with PyTorch', () => {
  withFreshBackend();

  const [table] = goldenEntries('embedding');
  it.each(table?.variants ?? [])('embedding $name', ({ name, paddingIndex }) =>
    scope(() => {
      const golden = new Golden(table?.file as string);
      const layer = embedding({
        vocabulary: 6,
        size: 3,
        ...(paddingIndex === null ? {} : { paddingIndex: paddingIndex as number }),
      });
      const indices = golden.tensor('indices');
      const params = { weight: golden.tensor('param.weight') };
      expectClose(layer.apply(params, indices), golden.values(`output.${String(name)}`), 0, 'output');
      const gradient = grad((p: typeof params) => sum(mul(layer.apply(p, indices), golden.tensor('cotangent.output'))))(
        params,
      );
      expectClose(gradient.weight, golden.values(`grad.${String(name)}.weight`), 1e-12, 'gradient');
    }),
  );

  const [norm] = goldenEntries('layer-norm');
  it.each(norm?.variants ?? [])('layerNorm $name', ({ name, affine, eps }) =>
    scope(() => {
      const golden = new Golden(norm?.file as string);
      const layer = layerNorm({ size: 6, epsilon: eps as number, affine: affine as boolean });
      const params: LayerNormParams = affine ? golden.tree('param.') : {};
      const names = (tree: object): string[] =>
        treeEntries(tree)
          .map(([path]) => path)
          .sort();
      expect(names(layer.init(key(0)))).toEqual(names(params));
      const input = golden.tensor('input');
      expectClose(layer.apply(params, input), golden.values(`output.${String(name)}`), 1e-10, 'output');
      const gradient = grad((x: { input: Tensor; params: LayerNormParams }) =>
        sum(mul(layer.apply(x.params, x.input), golden.tensor('cotangent.output'))),
      )({ input, params });
      for (const [leaf, value] of Object.entries({ input: gradient.input, ...gradient.params })) {
        expectClose(value, golden.values(`grad.${String(name)}.${leaf}`), 1e-10, leaf);
      }
    }),
  );
});

describe('linear and embedding', () => {
  withFreshBackend();

  it('have PyTorch’s names and shapes, and need no bias', () =>
    scope(() => {
      const shapes = (params: object) =>
        Object.fromEntries(treeEntries(params).map(([path, leaf]) => [path, leaf.shape]));
      expect(shapes(linear({ inputs: 3, outputs: 2 }).init(key(1)))).toEqual({ weight: [2, 3], bias: [2] });
      expect(shapes(linear({ inputs: 3, outputs: 2, bias: false }).init(key(1)))).toEqual({ weight: [2, 3] });
      expect(shapes(embedding({ vocabulary: 5, size: 2 }).init(key(1)))).toEqual({ weight: [5, 2] });
      const layer = linear({ inputs: 2, outputs: 1, weightInit: constantInit(2), biasInit: constantInit(1) });
      expect([...layer.apply(layer.init(key(1)), tensor([[[1, 2]], [[3, 4]]])).readSync()]).toEqual([7, 15]);
    }));

  it('padding starts as zeros', () =>
    scope(() => {
      const { weight } = embedding({ vocabulary: 3, size: 2, paddingIndex: 1 }).init(key(1));
      expect([...weight.readSync()].map((value) => value === 0)).toEqual([false, false, true, true, false, false]);
      expect(() => embedding({ vocabulary: 3, size: 2, paddingIndex: 3 })).toThrow(/use 0 to 2/);
      expect(() => linear({ inputs: 0, outputs: 1 })).toThrow(/inputs must be a whole number ≥ 1/);
    }));
});

describe('dropout', () => {
  withFreshBackend();
  const context = { from: 0, key: key(7) };

  it('is the input when evaluating', () =>
    scope(() => {
      const x = tensor([[1, 2]]);
      for (const evaluating of [undefined, null, { from: 3, key: null }]) {
        expect([...dropout(0.5).apply(x, evaluating).readSync()]).toEqual([1, 2]);
      }
      expect([...dropout(0).apply(x, context).readSync()]).toEqual([1, 2]);
      expect(() => dropout(1)).toThrow(ArgumentError);
    }));

  it('keeps the mean: a share of 1 − rate is scaled by its reciprocal', () =>
    scope(() => {
      const count = 40_000;
      for (const rate of [0.1, 0.5, 0.9]) {
        const values = dropout(rate)
          .apply(fromArray(new Float64Array(count).fill(1), [100, count / 100], f64), context)
          .readSync();
        const dropped = values.filter((value) => value === 0).length;
        expect(Math.abs(dropped / count - rate)).toBeLessThan(4.5 * Math.sqrt((rate * (1 - rate)) / count));
        expect(values.every((value) => value === 0 || Math.abs(value - 1 / (1 - rate)) < 1e-12)).toBe(true);
      }
    }));

  it('drops the same elements in f32 and f64, and in its gradient', () =>
    scope(() => {
      const shape = [5, 4, 3];
      const zerosOf = (x: Tensor): boolean[] => Array.from(x.readSync(), (value) => value === 0);
      const ones = (dtype: 'f32' | 'f64'): Tensor => fromArray(new Float64Array(60).fill(1), shape, { dtype });
      const layer = dropout(0.3);
      const wanted = zerosOf(layer.apply(ones('f64'), context));
      expect(zerosOf(layer.apply(ones('f32'), context))).toEqual(wanted);
      expect(zerosOf(grad((x: Tensor) => sum(layer.apply(x, context)))(ones('f32')))).toEqual(wanted);
      expect(wanted).toContain(true);
      expect(zerosOf(layer.apply(ones('f64'), { from: 0, key: key(8) }))).not.toEqual(wanted);
    }));
});

describe('recurrent layers', () => {
  withFreshBackend();
  const options = { inputSize: 3, hiddenSize: 4 };
  type AnyLayer = RecurrentLayer<Tensor | LstmCarry>;
  const kinds = {
    rnn: (extra: object) => rnn({ ...options, ...extra }) as AnyLayer,
    gru: (extra: object) => gru({ ...options, ...extra }) as AnyLayer,
    lstm: (extra: object) => lstm({ ...options, ...extra }) as AnyLayer,
  };
  const draw = (seed: number, shape: number[]): Tensor => normal(key(seed), shape, f64);
  const hOf = (carry: Tensor | LstmCarry): Tensor => ('h' in carry ? carry.h : carry);

  for (const [name, make] of Object.entries(kinds)) {
    it(`${name}: null, zeros, and zeros of batch 1 are the same start`, () =>
      scope(() => {
        const layer = make({ layers: 2 });
        const params = layer.init(key(1), f64);
        const input = draw(2, [5, 3, 3]);
        const output = [null, layer.initialCarry(params, 3), layer.initialCarry(params)].map((carry) =>
          layer.apply(params, carry, input).output.readSync(),
        );
        expect(output[1]).toEqual(output[0]);
        expect(output[2]).toEqual(output[0]);
        expect(hOf(layer.initialCarry(params)).shape).toEqual([2, 1, 4]);
      }));

    it(`${name}: a run in stretches, dropout and mask included, equals the run in one go bit for bit`, () =>
      scope(() => {
        const layer = make({ layers: 3, dropout: 0.4 });
        const params = layer.init(key(1), f64);
        const input = draw(2, [7, 3, 3]);
        const mask = lengthsToMask([7, 4, 2], 7);
        const whole = layer.apply(params, null, input, { mask, context: { from: 0, key: key(9) } });
        let carry: Tensor | LstmCarry | null = null;
        const outputs: Tensor[] = [];
        for (const [from, to] of [
          [0, 3],
          [3, 4],
          [4, 7],
        ] as const) {
          const part = layer.apply(params, carry, sliceAxis(input, from, to), {
            mask: sliceAxis(mask, from, to),
            context: { from, key: key(9) },
          });
          carry = part.carry;
          outputs.push(part.output);
        }
        expect(concat(outputs).readSync()).toEqual(whole.output.readSync());
        expect(hOf(carry as LstmCarry | Tensor).readSync()).toEqual(hOf(whole.carry).readSync());
        const evaluated = layer.apply(params, null, input, { mask, context: { from: 0, key: null } });
        expect(evaluated.output.readSync()).not.toEqual(whole.output.readSync());
      }));

    for (const path of ['fused', 'composed'] as const) {
      it(`${name}, ${path}: what stands at padded steps has no effect, even NaN`, () =>
        scope(() => {
          const layer = make({ layers: 2, bidirectional: true });
          const params = layer.init(key(1), f64);
          const lengths = [5, 2, 0];
          const mask = lengthsToMask(lengths, 5);
          const clean = Float64Array.from(draw(2, [5, 3, 3]).readSync());
          const spoilt = clean.map((value, index) =>
            Math.floor(index / 9) < (lengths[Math.floor(index / 3) % 3] as number) ? value : NaN,
          );
          const run = (values: Float64Array) => {
            const both = () =>
              valueAndGrad((x: { params: typeof params; input: Tensor }) => {
                const { output, carry } = layer.apply(x.params, null, x.input, { mask });
                return add(sum(mul(output, draw(5, [5, 3, 8]))), sum(mul(hOf(carry), draw(6, [4, 3, 4]))));
              })({ params, input: fromArray(values, [5, 3, 3], f64) });
            return path === 'fused' ? both() : withoutFusedOps(both);
          };
          const [one, two] = [run(clean), run(spoilt)];
          expect(two.value.readSync()).toEqual(one.value.readSync());
          const values = (tree: object): number[][] => treeEntries(tree).map(([, leaf]) => [...leaf.readSync()]);
          expect(values(two.gradient)).toEqual(values(one.gradient));
          expect(values(one.gradient).flat().every(Number.isFinite)).toBe(true);
          one.gradient.input.readSync().forEach((value, index) => {
            if (Math.floor(index / 9) >= (lengths[Math.floor(index / 3) % 3] as number)) expect(value).toBe(0);
          });
        }));
    }

    it(`${name}: a learned carry is the start, and gets the gradient of every row`, () =>
      scope(() => {
        const layer = make({ learnedCarry: true, bidirectional: true, init: { carry: constantInit(0.25) } });
        const params = layer.init(key(1), f64);
        expect(params.h0?.shape).toEqual([2, 1, 4]);
        expect('c0' in params).toBe(name === 'lstm');
        const input = draw(2, [4, 3, 3]);
        const given = treeMap(layer.initialCarry(params, 3), (leaf) =>
          fromArray(new Float64Array(leaf.size).fill(0.25), leaf.shape, f64),
        );
        const output = layer.apply(params, null, input).output.readSync();
        expect(layer.apply(params, given, input).output.readSync()).toEqual(output);
        const byParams = grad((p: typeof params) => sum(layer.apply(p, null, input).output))(params);
        const byCarry = hOf(grad((carry: Tensor | LstmCarry) => sum(layer.apply(params, carry, input).output))(given));
        expectClose(byParams.h0 as Tensor, sum(byCarry, { axes: 1 }).readSync(), 1e-12);
      }));
  }

  it('batchFirst swaps input and output alone', () =>
    scope(() => {
      const [plain, swapped] = [lstm(options), lstm({ ...options, batchFirst: true })];
      const params = plain.init(key(1), f64);
      const input = draw(2, [1, 3, 3]);
      const mask = lengthsToMask([1, 0, 1], 1);
      const one = plain.apply(params, null, input, { mask });
      const two = swapped.apply(params, null, reshape(input, [3, 1, 3]), { mask });
      expect(two.output.shape).toEqual([3, 1, 4]);
      expect(two.output.readSync()).toEqual(one.output.readSync());
      expect(two.carry.h.shape).toEqual([1, 3, 4]);
    }));

  it('refuse what does not fit, in words', () =>
    scope(() => {
      const layer = lstm({ ...options, layers: 2 });
      const params = layer.init(key(1));
      const input = zeros([5, 3, 3]);
      expect(() => layer.apply(params, { h: zeros([1, 3, 4]), c: zeros([2, 3, 4]) }, input)).toThrow(
        /carry should be \[2, 3, 4\].*is \[1, 3, 4\]/,
      );
      expect(() => layer.apply(params, null, input, { mask: lengthsToMask([1, 1, 1, 1, 1], 3) })).toThrow(ShapeError);
      expect(() => layer.apply(rnn(options).init(key(1)), null, input)).toThrow(ShapeError);
      expect(() => layer.apply({}, null, input)).toThrow(/no "weight_ih_l0"/);
      expect(() => lstm({ ...options, dropout: 0.5 })).toThrow(/acts between stacked layers/);
      expect(() => lstm({ ...options, layers: 2, dropout: 1 })).toThrow(/\[0, 1\)/);
      expect(() => gru({ ...options, hiddenSize: 1.5 })).toThrow(/hiddenSize/);
      expect(() => lstm({ ...options, bias: false, forgetBias: 1 })).toThrow(/bias is false/);
      expect(() => lstm({ ...options, chrono: 10, forgetBias: 1 })).toThrow(/leave one of them out/);
      expect(() => lengthsToMask([6], 5)).toThrow(/length 6 of row 0/);
    }));

  it('lengthsToMask marks the first steps of each row', () =>
    scope(() => {
      const mask = lengthsToMask([2, 0, 3], 3);
      expect([mask.dtype, ...mask.shape]).toEqual(['i32', 3, 3]);
      expect([...mask.readSync()]).toEqual([1, 0, 1, 1, 0, 1, 0, 0, 1]);
    }));
});

describe('starting values of recurrent layers', () => {
  withFreshBackend();
  const size = 8;
  const biasSum = (params: RecurrentLayerParams, gate: number): number[] => {
    const [ih, hh] = [params.bias_ih_l0?.readSync() ?? [], params.bias_hh_l0?.readSync() ?? []];
    return Array.from(
      { length: size },
      (_, index) => (ih[gate * size + index] as number) + (hh[gate * size + index] as number),
    );
  };

  it('depend on the key and the name alone', () =>
    scope(() => {
      const make = (layers: number, seed: Key) => lstm({ inputSize: 3, hiddenSize: size, layers }).init(seed);
      const [one, two, other] = [make(1, key(1)), make(2, key(1)), make(1, key(2))];
      expect(one.weight_hh_l0?.readSync()).toEqual(two.weight_hh_l0?.readSync());
      expect(one.weight_hh_l0?.readSync()).not.toEqual(other.weight_hh_l0?.readSync());
      const bound = 1 / Math.sqrt(size);
      for (const [path, leaf] of treeEntries(two)) {
        expect(Math.max(...leaf.readSync().map(Math.abs)), path).toBeLessThanOrEqual(bound);
      }
    }));

  it('forgetBias is the sum of both biases', () =>
    scope(() => {
      const params = lstm({ inputSize: 3, hiddenSize: size, forgetBias: 1.5 }).init(key(1), f64);
      expect(biasSum(params, 1)).toEqual(new Array(size).fill(1.5));
      expect(biasSum(params, 0)).not.toContain(1.5);
    }));

  it('chrono spreads the forget gate over the range, and the input gate is its opposite', () =>
    scope(() => {
      const params = lstm({ inputSize: 3, hiddenSize: size, chrono: 100 }).init(key(1), f64);
      const forget = biasSum(params, 1);
      expect(biasSum(params, 0)).toEqual(forget.map((value) => -value));
      expect(forget.every((value) => value >= 0 && value <= Math.log(99))).toBe(true);
      expect(new Set(forget).size).toBe(size);
      const update = biasSum(gru({ inputSize: 3, hiddenSize: size, chrono: 100 }).init(key(1), f64), 1);
      expect(update.every((value) => value >= 0 && value <= Math.log(99))).toBe(true);
      expect(() => gru({ inputSize: 1, hiddenSize: 1, chrono: 2 })).toThrow(/above 2/);
    }));
});
