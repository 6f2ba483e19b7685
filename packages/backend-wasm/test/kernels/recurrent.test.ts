import { describe, expect, test } from 'vitest';
import { expectSameBits } from '../support/bits.js';
import { builds, loadKernels, makeRandom, randomFloats, type Kernels } from './kernels.js';
import {
  cells,
  gatesOf,
  referenceBackward,
  referenceForward,
  type Cell,
  type Cotangents,
  type Gradients,
  type Segment,
} from './recurrentReference.js';

/** A segment whose operands are f32, so that the kernels can have them. */
interface Case extends Segment {
  readonly input: Float32Array;
  readonly weightIh: Float32Array;
  readonly weightHh: Float32Array;
  readonly biasIh: Float32Array | null;
  readonly biasHh: Float32Array | null;
  readonly mask: Int32Array | null;
  readonly h0: Float32Array;
  readonly c0: Float32Array;
  readonly cotangents: {
    readonly output: Float32Array | null;
    readonly hT: Float32Array | null;
    readonly cT: Float32Array | null;
  };
}

interface Shape {
  readonly cell: Cell;
  readonly time: number;
  readonly batch: number;
  readonly inputSize: number;
  readonly size: number;
  readonly reverse?: boolean;
  readonly bias?: boolean;
  readonly mask?: 'none' | 'ragged';
  readonly cotangents?: readonly ('output' | 'hT' | 'cT')[];
}

function makeCase(shape: Shape, seed: number): Case {
  const { cell, time, batch, inputSize, size, reverse = false, bias = true, mask = 'none' } = shape;
  const random = makeRandom(seed);
  const rows = gatesOf[cell] * size;
  const scaled = (length: number, scale: number): Float32Array => randomFloats(length, () => random() * scale);
  const wanted = shape.cotangents ?? ['output', 'hT', 'cT'];
  return {
    cell,
    time,
    batch,
    inputSize,
    size,
    reverse,
    input: scaled(time * batch * inputSize, 1),
    weightIh: scaled(rows * inputSize, 2 / Math.sqrt(inputSize)),
    weightHh: scaled(rows * size, 2 / Math.sqrt(size)),
    biasIh: bias ? scaled(rows, 1) : null,
    biasHh: bias ? scaled(rows, 1) : null,
    mask:
      mask === 'none'
        ? null
        : Int32Array.from({ length: time * batch }, (_, i) => (i % batch === 1 || random() < -0.3 ? 0 : 1)),
    h0: scaled(batch * size, 1),
    c0: scaled(batch * size, 1),
    cotangents: {
      output: wanted.includes('output') ? scaled(time * batch * size, 1) : null,
      hT: wanted.includes('hT') ? scaled(batch * size, 1) : null,
      cT: wanted.includes('cT') ? scaled(batch * size, 1) : null,
    },
  };
}

const cellNumber: Readonly<Record<Cell, number>> = { rnnTanh: 0, rnnRelu: 1, lstm: 2, gru: 3 };

/** Runs forward, and backward unless nothing is saved, and returns everything the kernels wrote. */
function runKernels(kernels: Kernels, x: Case, { parts = 1, save = true, aliasStates = x.mask === null } = {}) {
  kernels.reset();
  const { time, batch, size, inputSize } = x;
  const rows = gatesOf[x.cell] * size;
  const putOrNull = (data: Float32Array | Int32Array | null, misalign = 0): number =>
    data === null ? 0 : kernels.put(data, misalign);
  const outputs: Record<string, [number, number]> = {};
  const out = (name: string, length: number): number => {
    const at = kernels.allocate(length * 4, 4);
    outputs[name] = [at, length];
    return at;
  };
  const hasCell = x.cell === 'lstm';
  const words = new Array<number>(35).fill(0);
  words.splice(
    0,
    14,
    cellNumber[x.cell],
    time,
    batch,
    inputSize,
    size,
    x.reverse ? 1 : 0,
    kernels.put(x.input, 8),
    kernels.put(x.weightIh, 4),
    kernels.put(x.weightHh),
    putOrNull(x.biasIh, 4),
    putOrNull(x.biasHh),
    putOrNull(x.mask),
    kernels.put(x.h0),
    hasCell ? kernels.put(x.c0) : 0,
  );
  words[14] = out('output', time * batch * size);
  words[15] = out('hT', batch * size);
  if (hasCell) words[16] = out('cT', batch * size);
  if (save) {
    words[17] = out('gates', time * batch * rows);
    words[18] = aliasStates ? words[14] : out('states', time * batch * size);
    if (hasCell || x.cell === 'gru') words[19] = out('extra', time * batch * size);
  }
  const shared = (name: string, block: readonly number[]): number => {
    const bytes = kernels.exports[name]!(kernels.put(Int32Array.from(block)), parts);
    return kernels.allocate(Math.max(bytes, 4));
  };
  words[20] = shared('recurrentForwardPackedBytes', words);
  kernels.run('recurrentForwardPack', words, parts);
  kernels.run('recurrentForward', words, parts);
  if (save) {
    words[21] = putOrNull(x.cotangents.output, 4);
    words[22] = putOrNull(x.cotangents.hT);
    words[23] = hasCell ? putOrNull(x.cotangents.cT) : 0;
    words[24] = out('dInput', time * batch * inputSize);
    words[25] = out('dH0', batch * size);
    if (hasCell) words[26] = out('dC0', batch * size);
    words[27] = out('dWeightIh', rows * inputSize);
    words[28] = out('dWeightHh', rows * size);
    if (x.biasIh !== null) words[29] = out('dBiasIh', rows);
    if (x.biasHh !== null) words[30] = out('dBiasHh', rows);
    words[31] = out('delta', time * batch * size);
    words[20] = shared('recurrentBackwardPackedBytes', words);
    words[32] = shared('recurrentGateGradientBytes', words);
    for (const task of ['recurrentBackwardPack', 'recurrentBackward', 'recurrentWeights'])
      kernels.run(task, words, parts);
  }
  return Object.fromEntries(
    Object.entries(outputs).map(([name, [at, length]]) => [name, kernels.floats(at, length).slice()]),
  );
}

/** Compares, each tensor against its own size: rounding errors of sums scale with their largest terms. */
function expectClose(name: string, actual: Float32Array, wanted: Float64Array, tolerance: number): void {
  const scale = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const wrong = wanted.findIndex((value, i) => !(Math.abs(value - actual[i]!) <= tolerance * scale));
  if (wrong >= 0) expect.fail(`${name}[${wrong}] is ${actual[wrong]}, not ${wanted[wrong]}`);
}

function check(kernels: Kernels, shape: Shape, seed: number, options: Parameters<typeof runKernels>[2] = {}): void {
  const x = makeCase(shape, seed);
  const actual = runKernels(kernels, x, options);
  const forward = referenceForward(x);
  const hasCell = x.cell === 'lstm';
  const wanted: Record<string, Float64Array> = { output: forward.output, hT: forward.hT };
  if (hasCell) wanted.cT = forward.cT;
  const gradients: Record<string, Float64Array> = {};
  if (actual.gates !== undefined) {
    const g: Gradients = referenceBackward(x, forward, { ...x.cotangents, cT: hasCell ? x.cotangents.cT : null });
    Object.assign(gradients, {
      dInput: g.input,
      dH0: g.h0,
      dWeightIh: g.weightIh,
      dWeightHh: g.weightHh,
      delta: g.delta,
    });
    if (hasCell) gradients.dC0 = g.c0;
    if (x.biasIh !== null) Object.assign(gradients, { dBiasIh: g.biasIh, dBiasHh: g.biasHh });
    if (actual.states !== undefined) wanted.states = forward.states;
  }
  const label = JSON.stringify({ ...shape, ...options });
  // f32 rounding, 2⁻²⁴, grows by the length of the sums and a little at each step.
  const rounding = 2 ** -24 * Math.sqrt(shape.inputSize + shape.size) * Math.sqrt(shape.time);
  for (const [name, values] of Object.entries(wanted))
    expectClose(`${label} ${name}`, actual[name]!, values, 8 * rounding);
  for (const [name, values] of Object.entries(gradients))
    expectClose(`${label} ${name}`, actual[name]!, values, 24 * rounding);
}

describe('the reference', () => {
  test.each(cells)('%s: its gradients are those of finite differences', (cell) => {
    const x = makeCase({ cell, time: 3, batch: 2, inputSize: 2, size: 3, mask: 'ragged', reverse: true }, 5);
    const cotangents: Cotangents = { ...x.cotangents, cT: cell === 'lstm' ? x.cotangents.cT : null };
    const dot = (a: ArrayLike<number> | null, b: Float64Array): number =>
      a === null ? 0 : b.reduce((sum, v, i) => sum + v * a[i]!, 0);
    const loss = (segment: Segment): number => {
      const { output, hT, cT } = referenceForward(segment);
      return dot(cotangents.output, output) + dot(cotangents.hT, hT) + dot(cotangents.cT, cT);
    };
    const gradients = referenceBackward(x, referenceForward(x), cotangents);
    for (const name of ['input', 'h0', 'c0', 'weightIh', 'weightHh', 'biasIh', 'biasHh'] as const) {
      if (name === 'c0' && cell !== 'lstm') continue;
      const values = Float64Array.from(x[name]!);
      for (let i = 0; i < values.length; i++) {
        const moved = (by: number): number => loss({ ...x, [name]: values.map((v, at) => (at === i ? v + by : v)) });
        expect(gradients[name][i], `${name}[${i}]`).toBeCloseTo((moved(1e-6) - moved(-1e-6)) / 2e-6, 7);
      }
    }
  });
});

describe.each(builds)('recurrent, %s build', async (build) => {
  const kernels = await loadKernels(build, 32);

  test.each(cells)('%s: small and odd sizes, directions, masks, biases, cotangents', (cell) => {
    const random = makeRandom(13);
    const upTo = (limit: number): number => 1 + Math.floor(((random() + 1) / 2) * limit);
    const subsets = [['output'], ['hT'], ['cT'], ['output', 'hT', 'cT'], ['hT', 'cT']] as const;
    for (let seed = 0; seed < 40; seed++) {
      const shape: Shape = {
        cell,
        time: upTo(6),
        batch: upTo(9),
        inputSize: upTo(11),
        size: upTo(19),
        reverse: random() > 0,
        bias: random() > -0.5,
        mask: random() > 0 ? 'ragged' : 'none',
        cotangents: subsets[seed % 5]!,
      };
      check(kernels, shape, seed, { parts: upTo(3) });
      check(kernels, shape, seed, { parts: upTo(3), save: false });
    }
  });

  test.each(cells)('%s: a single row, few steps and many', (cell) => {
    for (const time of [1, 2, 5, 6, 70]) {
      for (const reverse of [false, true]) {
        check(kernels, { cell, time, batch: 1, inputSize: 7, size: 18, reverse }, time);
        check(kernels, { cell, time, batch: 1, inputSize: 4, size: 8, reverse, mask: 'ragged' }, time, { parts: 2 });
      }
    }
  });

  test.each(cells)('%s: past the blocks of every product', (cell) => {
    check(kernels, { cell, time: 5, batch: 66, inputSize: 17, size: 36 }, 1, { parts: 2 });
    check(kernels, { cell, time: 3, batch: 4, inputSize: 530, size: 140, reverse: true }, 2);
    check(kernels, { cell, time: 257, batch: 1, inputSize: 3, size: 6 }, 4);
    check(kernels, { cell, time: 40, batch: 9, inputSize: 5, size: 12, mask: 'ragged' }, 3, { parts: 2 });
    // The part with fewer rows takes more steps together.
    check(kernels, { cell, time: 9, batch: 33, inputSize: 5, size: 12, mask: 'ragged' }, 4, { parts: 2, save: false });
  });

  test.each(cells)('%s: states apart from the output', (cell) => {
    check(kernels, { cell, time: 4, batch: 5, inputSize: 3, size: 6 }, 8, { aliasStates: false });
  });

  test.each(cells)('%s: the number of parts changes no bit', (cell) => {
    const x = makeCase({ cell, time: 5, batch: 21, inputSize: 10, size: 22, mask: 'ragged' }, 4);
    const one = runKernels(kernels, x);
    for (const parts of [2, 3, 7]) {
      const several = runKernels(kernels, x, { parts });
      expect(Object.keys(several)).toEqual(Object.keys(one));
      for (const [name, values] of Object.entries(several))
        expectSameBits(values, one[name]!, `${name}, ${parts} parts`);
    }
  });

  test.each(cells)("%s: all steps masked leave the carry, and give no gradient but the carry's", (cell) => {
    const x = { ...makeCase({ cell, time: 3, batch: 3, inputSize: 2, size: 5 }, 6), mask: new Int32Array(9) };
    const result = runKernels(kernels, x);
    expect(result.hT).toEqual(x.h0);
    expect(result.dH0).toEqual(x.cotangents.hT);
    for (const name of ['output', 'dInput', 'dWeightIh', 'dWeightHh', 'dBiasIh', 'dBiasHh'] as const) {
      expect(
        result[name]!.every((value) => value === 0),
        name,
      ).toBe(true);
    }
  });
});
