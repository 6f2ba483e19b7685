import { gateCount, type RecurrentArgs, type RecurrentBackwardResult } from '@tempograd/core/backend';
import type { JsHandle } from '@tempograd/backend-js';
import { make, makeOperand, valuesOf, withOperands, type JsBackend, type JsOperand, type Mutant } from './Mutant.js';

type Args = RecurrentArgs<JsHandle>;

/** Rows of gate blocks in another order: block i of the result is block `order[i]`. */
function reorder(real: JsBackend, x: JsOperand, gates: number, order: readonly number[]): JsOperand {
  const block = x.handle.data.length / gates;
  return makeOperand(real, x.shape, x.dtype, (i) => valuesOf(x)[order[Math.floor(i / block)]! * block + (i % block)]!);
}

/** The forward pass with its weights' gates in another order. */
function swappedGates(cell: Args['cell'], order: readonly number[]): Mutant['backend'] {
  return (real) => ({
    recurrentForward(args, save) {
      if (args.cell !== cell) return real.recurrentForward!(args, save);
      const swap = (x: JsOperand): JsOperand => reorder(real, x, gateCount[cell], order);
      const weights = { weightIh: swap(args.weightIh), weightHh: swap(args.weightHh) };
      const biases = args.biasIh && args.biasHh ? { biasIh: swap(args.biasIh), biasHh: swap(args.biasHh) } : {};
      return withOperands(real, Object.values({ ...weights, ...biases }), () =>
        real.recurrentForward!({ ...args, ...weights, ...biases }, save),
      );
    },
  });
}

/** The forward pass with a bias in which some numbers are 0. */
function lostBias(keeps: (args: Args, index: number) => boolean): Mutant['backend'] {
  return (real) => ({
    recurrentForward(args, save) {
      const { biasHh } = args;
      if (biasHh === null) return real.recurrentForward!(args, save);
      const lost = makeOperand(real, biasHh.shape, biasHh.dtype, (i) => (keeps(args, i) ? valuesOf(biasHh)[i]! : 0));
      return withOperands(real, [lost], () => real.recurrentForward!({ ...args, biasHh: lost }, save));
    },
  });
}

/** The backward pass with its results changed. */
function backward(change: (real: JsBackend, result: RecurrentBackwardResult<JsHandle>) => void): Mutant['backend'] {
  return (real) => ({
    recurrentBackward(args) {
      const result = real.recurrentBackward!(args);
      change(real, result);
      return result;
    },
  });
}

/** Faults in fused ops. */
export const fusedMutants: readonly Mutant[] = [
  {
    name: 'LSTM with input and forget gate swapped',
    backend: swappedGates('lstm', [1, 0, 2, 3]),
    caughtBy: ['lstm: value', 'lstm: value, one step'],
  },
  {
    name: 'LSTM with candidate and output gate swapped',
    backend: swappedGates('lstm', [0, 1, 3, 2]),
    caughtBy: ['lstm: value'],
  },
  {
    name: 'GRU with reset and update gate swapped',
    backend: swappedGates('gru', [1, 0, 2]),
    caughtBy: ['gru: value', 'gru cell: value, as a segment'],
  },
  {
    name: 'the second bias is dropped',
    backend: lostBias(() => false),
    caughtBy: ['rnnTanh: value', 'lstm: value', 'gru: value'],
  },
  {
    name: 'GRU without the second bias in its candidate',
    backend: lostBias(({ cell, biasHh }, i) => cell !== 'gru' || i < (2 * biasHh!.shape[0]!) / 3),
    caughtBy: ['gru: value'],
  },
  {
    name: 'a padded step changes the carry',
    backend: (real) => ({
      recurrentForward(args, save) {
        const right = real.recurrentForward!(args, save);
        if (args.mask === null) return right;
        const unmasked = real.recurrentForward!({ ...args, mask: null }, false);
        real.release(unmasked.output.handle);
        right.carry.forEach(({ handle }) => real.release(handle));
        return { ...right, carry: unmasked.carry };
      },
    }),
    caughtBy: ['lstm: value, mask with holes', 'gru: value, ragged mask'],
  },
  {
    name: 'weights meet masked inputs, times 0',
    backend: (real) => ({
      recurrentBackward(args) {
        const result = real.recurrentBackward!(args);
        const { mask, input } = args;
        const spoilt = mask !== null && input.dtype !== 'i32' && valuesOf(input).some((x) => !Number.isFinite(x));
        if (spoilt) result.weightIh?.handle.data.fill(NaN);
        return result;
      },
    }),
    caughtBy: ['rnnTanh: gradient, NaN in masked padding, holes', 'gru: gradient, NaN in masked padding, ragged'],
  },
  {
    name: 'gradients so far are overwritten instead of added to',
    backend: (real) => ({
      recurrentBackward(args) {
        for (const x of Object.values(args.into ?? {})) x?.handle.data.fill(0);
        return real.recurrentBackward!(args);
      },
    }),
    caughtBy: ['lstm: gradient, added to gradients so far'],
  },
  {
    name: 'one bias is added to the gradient so far twice',
    backend: (real) => ({
      recurrentBackward(args) {
        const { biasIh, biasHh } = args.into ?? {};
        const before = biasIh && [...biasIh.handle.data];
        const result = real.recurrentBackward!(args);
        if (biasIh && biasHh)
          biasHh.handle.data.forEach((x, i) => (biasHh.handle.data[i] = x + biasIh.handle.data[i]! - before![i]!));
        return result;
      },
    }),
    caughtBy: ['rnnTanh: gradient, added to gradients so far'],
  },
  {
    name: 'padded outputs hold the state instead of 0',
    backend: (real) => ({
      recurrentForward(args, save) {
        const right = real.recurrentForward!(args, save);
        if (args.mask === null) return right;
        const states = real.recurrentForward!(args, true);
        const output = {
          ...right.output,
          handle: make(real, right.output.shape, right.output.dtype, (i) => states.saved![1]!.handle.data[i]!),
        };
        for (const x of [states.output, ...states.carry, ...states.saved!, right.output]) real.release(x.handle);
        return { ...right, output };
      },
    }),
    caughtBy: ['rnnTanh: value, ragged mask', 'lstm: value, mask with holes'],
  },
  {
    name: 'the reversed direction reads padding',
    backend: (real) => ({
      recurrentForward: (args, save) => real.recurrentForward!(args.reverse ? { ...args, mask: null } : args, save),
    }),
    caughtBy: ['lstm: value, reversed, ragged mask', 'gru cell: value, as a segment, reversed, mask with holes'],
  },
  {
    name: 'the direction is ignored',
    backend: (real) => ({
      recurrentForward: (args, save) => real.recurrentForward!({ ...args, reverse: false }, save),
    }),
    caughtBy: ['lstm: value, reversed'],
  },
  {
    name: 'the initial carry is taken for 0',
    backend: (real) => ({
      recurrentForward(args, save) {
        const carry = args.carry.map((x) => makeOperand(real, x.shape, x.dtype, () => 0));
        return withOperands(real, carry, () => real.recurrentForward!({ ...args, carry }, save));
      },
    }),
    caughtBy: ['rnnTanh: value', 'lstm: gradient, cut in two'],
  },
  {
    name: "the weights' gradient misses the first step",
    backend: (real) => ({
      recurrentBackward(args) {
        const step = args.input.handle.data.length / args.input.shape[0]!;
        const input = makeOperand(real, args.input.shape, args.input.dtype, (i) =>
          i < step ? 0 : valuesOf(args.input)[i]!,
        );
        return withOperands(real, [input], () => real.recurrentBackward!({ ...args, input }));
      },
    }),
    caughtBy: ['rnnTanh: gradient', 'lstm: gradient, one step', 'gru: gradient'],
  },
  {
    name: 'the gradient of the initial carry is missing',
    backend: backward((_, { carry }) => carry?.forEach(({ handle }) => handle.data.fill(0))),
    caughtBy: [
      'lstm: gradient',
      'gru: gradient, of some inputs alone',
      'fullBptt: gradient, lstm, learned initial carry',
    ],
  },
  {
    name: 'a loss on the last state alone gives no gradient',
    backend: (real) => ({
      recurrentBackward: (args) =>
        real.recurrentBackward!({ ...args, carryCotangents: args.carryCotangents.map(() => null) }),
    }),
    caughtBy: ['lstm: gradient, of every subset of outputs', 'gru: gradient, cut in two'],
  },
  {
    name: 'a loss on the last cell state gives no gradient',
    backend: (real) => ({
      recurrentBackward: (args) =>
        real.recurrentBackward!({
          ...args,
          carryCotangents: args.carryCotangents.map((x, index) => (index === 0 ? x : null)),
        }),
    }),
    caughtBy: ['lstm: gradient, of every subset of outputs'],
  },
  {
    name: 'the backward pass ignores the mask',
    backend: (real) => ({ recurrentBackward: (args) => real.recurrentBackward!({ ...args, mask: null }) }),
    caughtBy: ['lstm: gradient, mask with holes', 'gru: gradient, ragged mask'],
  },
  {
    name: 'the first bias has the gradient of the second',
    backend: backward((_, { biasIh, biasHh }) => biasIh && biasHh && biasIh.handle.data.set(biasHh.handle.data)),
    caughtBy: ['gru: gradient'],
  },
  {
    name: "a bias's gradient is its first row's",
    backend: (real) => ({
      linearBackward(x, weight, cotangent, wants) {
        const result = real.linearBackward!(x, weight, cotangent, wants);
        result.bias?.data.set(cotangent.handle.data.subarray(0, result.bias.data.length));
        return result;
      },
    }),
    caughtBy: ['linear: gradient'],
  },
  {
    name: 'linear without its bias',
    backend: (real) => ({ linearForward: (x, weight) => real.linearForward!(x, weight, null) }),
    caughtBy: ['linear: value'],
  },
  {
    name: 'softmax without taking off the maximum first',
    backend: (real) => ({
      softmaxCrossEntropy(logits, targets, smoothing, wantGradient) {
        const result = real.softmaxCrossEntropy!(logits, targets, smoothing, wantGradient);
        const classes = logits.shape[1]!;
        result.loss.data.forEach((_, row) => {
          const x = valuesOf(logits).subarray(row * classes, (row + 1) * classes);
          if (x.reduce((sum, value) => sum + Math.exp(value), 0) === Infinity) result.loss.data[row] = Infinity;
        });
        return result;
      },
    }),
    caughtBy: ['softmaxCrossEntropy: value, logits far from 0'],
  },
  {
    name: 'an ignored row still has a gradient',
    backend: (real) => ({
      softmaxCrossEntropy(logits, targets, smoothing, wantGradient) {
        const right = real.softmaxCrossEntropy!(logits, targets, smoothing, false);
        const counted = makeOperand(real, targets.shape, 'i32', (i) => Math.max(valuesOf(targets)[i]!, 0));
        const wrong = withOperands(real, [counted], () =>
          real.softmaxCrossEntropy!(logits, counted, smoothing, wantGradient),
        );
        real.release(wrong.loss);
        return { loss: right.loss, gradient: wrong.gradient };
      },
    }),
    caughtBy: [
      'softmaxCrossEntropy: gradient, rows ignored',
      'softmaxCrossEntropy: gradient, of an ignored row is exactly 0',
    ],
  },
  {
    name: 'a target beyond the classes spoils one element of the gradient',
    backend: (real) => ({
      softmaxCrossEntropy(logits, targets, smoothing, wantGradient) {
        const result = real.softmaxCrossEntropy!(logits, targets, smoothing, wantGradient);
        const classes = logits.shape[1]!;
        const outside = (i: number): boolean => valuesOf(targets)[Math.floor(i / classes)]! >= classes;
        result.gradient?.data.forEach((_, i, all) => {
          if (outside(i) && i % classes > 0) all[i] = 0;
        });
        return result;
      },
    }),
    caughtBy: ['softmaxCrossEntropy: gradient, a target beyond the classes'],
  },
  {
    name: 'label smoothing adds up raw logits',
    dtype: 'f32',
    backend: (real) => ({
      softmaxCrossEntropy(logits, targets, smoothing, wantGradient) {
        const result = real.softmaxCrossEntropy!(logits, targets, smoothing, wantGradient);
        const classes = logits.shape[1]!;
        result.loss.data.forEach((loss, row) => {
          const x = valuesOf(logits).subarray(row * classes, (row + 1) * classes);
          const sum = x.reduce((total, value) => Math.fround(total + value), 0);
          if (smoothing > 0 && !Number.isFinite(sum)) result.loss.data[row] = loss - smoothing * (sum / classes);
        });
        return result;
      },
    }),
    caughtBy: ['softmaxCrossEntropy: value, label smoothing of logits far from 0'],
  },
  {
    name: 'label smoothing is left out of the gradient',
    backend: (real) => ({
      softmaxCrossEntropy(logits, targets, smoothing, wantGradient) {
        const right = real.softmaxCrossEntropy!(logits, targets, smoothing, false);
        const wrong = real.softmaxCrossEntropy!(logits, targets, 0, wantGradient);
        real.release(wrong.loss);
        return { loss: right.loss, gradient: wrong.gradient };
      },
    }),
    caughtBy: ['softmaxCrossEntropy: gradient, label smoothing'],
  },
  {
    name: 'the global norm leaves out the last tensor',
    backend: (real) => ({ globalNorm: (xs) => real.globalNorm!(xs.length > 1 ? xs.slice(0, -1) : xs) }),
    caughtBy: ['globalNorm: value, of several tensors'],
  },
  {
    name: 'a linear scan leaves out its initial state',
    backend: (real) => ({
      linearScanForward(a, b) {
        const width = a.handle.data.length / a.shape[0]!;
        const h = new Float64Array(a.handle.data.length);
        return make(
          real,
          a.shape,
          a.dtype,
          (i) => (h[i] = valuesOf(a)[i]! * (i < width ? 0 : h[i - width]!) + valuesOf(b)[i]!),
        );
      },
      linearScanBackward: (a, _h, h0) => ({
        a: make(real, a.shape, a.dtype, () => 0),
        b: make(real, a.shape, a.dtype, () => 0),
        h0: make(real, h0.shape, h0.dtype, () => 0),
      }),
    }),
    caughtBy: ['linearScan: value', 'linearScan: gradient'],
  },
  {
    name: 'layer norm divides by one less',
    backend: (real) => ({
      layerNormForward(x, weight, bias, epsilon) {
        const [rows, channels] = x.shape as [number, number];
        const row = (n: number): Float64Array => valuesOf(x).slice(n * channels, (n + 1) * channels);
        const mean = (n: number): number => row(n).reduce((a, b) => a + b, 0) / channels;
        const rstd = (n: number): number =>
          1 / Math.sqrt(row(n).reduce((a, b) => a + (b - mean(n)) ** 2, 0) / (channels - 1) + epsilon);
        return {
          output: make(real, x.shape, x.dtype, (i) => {
            const n = Math.floor(i / channels);
            return (
              (valuesOf(x)[i]! - mean(n)) * rstd(n) * valuesOf(weight)[i % channels]! + valuesOf(bias)[i % channels]!
            );
          }),
          mean: make(real, [rows], x.dtype, mean),
          rstd: make(real, [rows], x.dtype, rstd),
        };
      },
      layerNormBackward: (x, weight, _mean, _rstd, cotangent) => ({
        x: make(real, x.shape, x.dtype, (i) => valuesOf(cotangent)[i]!),
        weight: make(real, weight.shape, x.dtype, () => 0),
        bias: make(real, weight.shape, x.dtype, () => 0),
      }),
    }),
    caughtBy: ['layerNorm: value', 'layerNorm: gradient'],
  },
];
