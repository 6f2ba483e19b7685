import {
  currentBackend,
  add,
  cellTask,
  disposeTree,
  fromArray,
  full,
  fullBptt,
  keep,
  key,
  matmul,
  mul,
  normal,
  scope,
  sliceAxis,
  stack,
  sub,
  sum,
  treeLeaves,
  truncatedBptt,
  withBackend,
  zeros,
  type Cell,
  type SequenceTask,
  type Tensor,
} from '@tempograd/core';
import type { Backend } from '@tempograd/core/backend';
import { describe, expect, test } from 'vitest';
import {
  gradientCosine,
  gradientHealth,
  lyapunovExponents,
  sequenceModel,
  spectralRadius,
  type SequenceModelParams,
} from '../../src/index.js';
import { lateBackend } from '../fit/lateBackend.js';
import { withFreshBackend } from '../support/close.js';

const f64 = { dtype: 'f64' } as const;
const made = <T>(fn: () => T): T => scope(() => keep(fn()));
const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  fromArray(Float64Array.from(rows.flat()), [rows.length, rows[0]?.length as number], f64);

withFreshBackend();

describe('the spectral radius', () => {
  const of = async (rows: readonly (readonly number[])[]): Promise<number> => {
    const a = matrix(rows);
    const [radius] = await spectralRadius(a);
    a.dispose();
    return radius as number;
  };

  test('is the largest eigenvalue by its absolute value, complex ones, defective and rotated ones included', async () => {
    expect(
      await of([
        [-3, 0],
        [0, 2],
      ]),
    ).toBeCloseTo(3, 5);
    const turn = [
      [0.9 * Math.cos(1), -0.9 * Math.sin(1)],
      [0.9 * Math.sin(1), 0.9 * Math.cos(1)],
    ];
    expect(await of(turn)).toBeCloseTo(0.9, 5);
    expect(
      await of([
        [0.5, 100],
        [0, 0.5],
      ]),
    ).toBeCloseTo(0.5, 4);
    expect(
      await of([
        [0, 1],
        [0, 0],
      ]),
    ).toBe(0);
    expect(await of([[0]])).toBe(0);
    expect(await of([[1e-3]])).toBeCloseTo(1e-3, 9);
    // Of integers, whose characteristic polynomial is λ² − 5λ − 2.
    expect(
      await of([
        [1, 2],
        [3, 4],
      ]),
    ).toBeCloseTo((5 + Math.sqrt(33)) / 2, 4);
    expect(
      await of([
        [NaN, 0],
        [0, 1],
      ]),
    ).toBeNaN();
    expect(
      await of([
        [Infinity, 0],
        [0, 1],
      ]),
    ).toBeNaN();
  });

  test('is taken of several at once, and of nothing that is not square', async () => {
    const several = made(() =>
      stack([
        matrix([
          [2, 0],
          [0, 1],
        ]),
        matrix([
          [0, 0],
          [0, 0],
        ]),
      ]),
    );
    const [first, second] = await spectralRadius(several);
    expect(first).toBeCloseTo(2, 5);
    expect(second).toBe(0);
    several.dispose();
    for (const shape of [[2], [2, 3], [1, 2, 3], [0, 0], [1, 1, 2, 2]]) {
      const wrong = zeros(shape, f64);
      await expect(spectralRadius(wrong)).rejects.toThrow(/square matrices are wanted/);
      wrong.dispose();
    }
    await expect(spectralRadius(3 as unknown as Tensor)).rejects.toThrow(/spectralRadius/);
  });
});

describe('Lyapunov exponents', () => {
  test('of the logistic map are ln 2', async () => {
    const x = fromArray(Float64Array.from([0.3]), [1], f64);
    const [exponent] = await lyapunovExponents((at: Tensor) => scope(() => mul(mul(4, at), sub(1, at))), x, {
      steps: 800,
      discard: 10,
    });
    expect(Math.abs((exponent as number) - Math.LN2)).toBeLessThan(0.01);
    x.dispose();
  });

  test('of a linear map are the logarithms of its eigenvalues, a fading and a turning one too', async () => {
    const { state, a } = made(() => ({
      state: full([1, 3], 1, f64),
      a: matrix([
        [0.5, 0, 0],
        [0, 0, -1.2],
        [0, 1.2, 0],
      ]),
    }));
    const exponents = await lyapunovExponents((x: Tensor) => matmul(x, a), state, { steps: 60, count: 3, discard: 60 });
    [Math.log(1.2), Math.log(1.2), Math.log(0.5)].forEach((wanted, index) =>
      expect(exponents[index]).toBeCloseTo(wanted, 8),
    );
    const flat = await lyapunovExponents((x: Tensor) => mul(x, 0), state, { steps: 2, count: 2 });
    expect(flat).toEqual([-Infinity, -Infinity]);
    disposeTree([state, a]);
  });

  test('of the Lorenz system are near 0.906 a unit of time', async () => {
    const dt = 0.025;
    const { a, b, start } = made(() => ({
      a: matrix([
        [-10, 28, 0],
        [10, -1, 0],
        [0, 0, -8 / 3],
      ]),
      b: matrix([
        [0, 0, 0],
        [0, 0, 1],
        [0, -1, 0],
      ]),
      start: matrix([[1, 1, 20]]),
    }));
    // ẋ = A x + x₁·B x.
    const slope = (x: Tensor): Tensor => add(matmul(x, a), mul(sliceAxis(x, 0, 1, 1), matmul(x, b)));
    const step = (x: Tensor): Tensor =>
      scope(() => {
        const k1 = slope(x);
        const k2 = slope(add(x, mul(k1, dt / 2)));
        const k3 = slope(add(x, mul(k2, dt / 2)));
        const k4 = slope(add(x, mul(k3, dt)));
        return add(x, mul(add(add(k1, mul(2, k2)), add(mul(2, k3), k4)), dt / 6));
      });
    const [exponent] = await lyapunovExponents(step, start, { steps: 1200, discard: 100 });
    expect(Math.abs((exponent as number) / dt - 0.906)).toBeLessThan(0.12);
    disposeTree([a, b, start]);
  });

  test('are NaN where the state breaks, and are refused where they make no sense', async () => {
    const x = full([2], 1, f64);
    expect(await lyapunovExponents((at: Tensor) => mul(at, NaN), x, { steps: 2 })).toEqual([NaN]);
    for (const wrong of [
      { steps: 0 },
      { steps: 1.5 },
      { steps: 1, count: 3 },
      { steps: 1, count: 0 },
      { steps: 1, discard: -1 },
    ])
      await expect(lyapunovExponents((at: Tensor) => mul(at, 1), x, wrong)).rejects.toThrow(/lyapunovExponents/);
    const breaking = (at: Tensor, t: number): Tensor => {
      if (t === 1) throw new Error('in the middle');
      return mul(at, 1);
    };
    await expect(lyapunovExponents(breaking, x, { steps: 3 })).rejects.toThrow('in the middle');
    await expect(lyapunovExponents(null as unknown as typeof breaking, x, { steps: 3 })).rejects.toThrow(/one step/);
    x.dispose();
  });
});

/** `h' = λ h + x`, with two rows. */
function linearTask(lambda: number, time: number) {
  const cell: Cell<{ lambda: Tensor }, Tensor> = {
    initialCarry: (batch) => zeros([batch, 1], f64),
    step: (p, h, x) =>
      scope(() => {
        const after = add(mul(p.lambda, h), x);
        return { carry: after, output: mul(after, 1) };
      }),
  };
  const task: SequenceTask<{ lambda: Tensor }, Tensor, Tensor, Tensor> = cellTask(cell, {
    input: (x: Tensor) => x,
    loss: (_, output) => sum(output),
  });
  const { params, x } = made(() => ({ params: { lambda: full([1], lambda, f64) }, x: full([time, 2, 1], 1, f64) }));
  return { task, params, x };
}

test('the cosine of a truncated gradient is that of its numbers, and 1 of the full one', async () => {
  const { task, params, x } = linearTask(0.5, 6);
  // One parameter: every gradient points the same way.
  expect((await gradientCosine(task, params, x, fullBptt())).cosine).toBeCloseTo(1, 12);
  const { cosine, ratio } = await gradientCosine(task, params, x, truncatedBptt({ updateEvery: 1 }));
  expect(cosine).toBeCloseTo(1, 12);
  // Σ h_{t−1} over Σ_s Σ_{t≤s} λ^{s−t} h_{t−1}, h_t = 2 (1 − 2^{−t}).
  const h = [0, 1, 2, 3, 4, 5].map((t) => 2 * (1 - 0.5 ** t));
  const whole = h.reduce((total, value, t) => total + value * (2 - 0.5 ** (5 - t)), 0);
  expect(ratio).toBeCloseTo(h.reduce((a, b) => a + b) / whole, 12);
  await expect(gradientCosine(task, params, x, null as never)).rejects.toThrow(/strategy/);
  disposeTree([params, x]);
});

test('of a cell of one’s own: each leaf of the carry has lags, and the state its radius and exponent', async () => {
  const [lambda, time] = [0.5, 6];
  const { task, params, x } = linearTask(lambda, time);
  const health = await gradientHealth(task, params, x, { normaliser: 2, strategy: truncatedBptt({ updateEvery: 2 }) });
  expect(health.layers.map(({ name }) => name)).toEqual(['state']);
  expect(health.unseen.length).toBeGreaterThan(0);
  health.layers[0]?.byLag?.forEach((norm, k) => expect(norm).toBeCloseTo(lambda ** k / Math.SQRT2, 12));
  expect(health.layers[0]?.spectralRadius).toBeCloseTo(lambda, 5);
  expect(health.lyapunov?.[0]).toBeCloseTo(Math.log(lambda), 6);
  expect(health.cosine).toBeCloseTo(1, 12);
  expect(health.parameters?.map(({ name, update }) => [name, update])).toEqual([['lambda', null]]);
  disposeTree([params, x]);
});

describe('of a stacked model', () => {
  const model = sequenceModel({
    input: { features: 2 },
    outputs: 1,
    hidden: 3,
    layers: 2,
    cell: 'gru',
    loss: 'meanSquaredError',
  });
  const time = 5;
  const stretchOf = (batch: number) =>
    made(() => ({ inputs: normal(key(2), [time, batch, 2], f64), targets: normal(key(3), [time, batch, 1], f64) }));

  test('each layer has its own lags, gates and radius; nothing is trained and nothing is left', async () => {
    const params: SequenceModelParams = made(() => model.init(key(1), f64));
    const before = treeLeaves(params).map((leaf) => [...leaf.readSync()]);
    const stretch = stretchOf(2);
    const health = await gradientHealth(model, params, stretch);
    expect(health.finite).toBe(true);
    expect(health.unseen).toEqual([]);
    expect(health.layers.map(({ name }) => name)).toEqual(['rnn.l0', 'rnn.l1']);
    for (const { steps, byTime, byLag, saturation, dead, spectralRadius: radius } of health.layers) {
      expect(steps).toEqual({ from: 0, to: time });
      expect(byTime?.length).toBe(time);
      expect(byLag?.length).toBe(time);
      // At the last step all there is, is its own loss.
      expect(byLag?.[0]).toBeCloseTo(byTime?.[time - 1] as number, 12);
      expect(Object.keys(saturation ?? {})).toEqual(['r', 'z', 'n']);
      expect(dead).toEqual({ count: 0, of: 3 });
      expect(radius).toBeGreaterThan(0.1);
      expect(radius).toBeLessThan(1.5);
    }
    expect(health.lyapunov?.[0]).toBeLessThan(0);
    expect(treeLeaves(params).map((leaf) => [...leaf.readSync()])).toEqual(before);
    expect(JSON.parse(JSON.stringify(health))).toEqual(health);
    const little = await gradientHealth(model, params, stretch, {
      byLag: false,
      saturation: false,
      spectralRadius: 0,
      lyapunov: 0,
    });
    expect(little.lyapunov).toBe(null);
    for (const { byLag, saturation, spectralRadius: radius } of little.layers)
      expect([byLag, saturation, radius]).toEqual([null, null, null]);
    disposeTree([params, stretch]);
  });

  test('NaN is said, one step is enough, and wrong settings are refused', async () => {
    const params: SequenceModelParams = made(() => model.init(key(1), f64));
    const stretch = stretchOf(1);
    const first = made(() => ({ inputs: sliceAxis(stretch.inputs, 0, 1), targets: sliceAxis(stretch.targets, 0, 1) }));
    const one = await gradientHealth(model, params, first);
    expect(one.layers.map(({ byLag, dead }) => [byLag?.length, dead])).toEqual([
      [1, null],
      [1, null],
    ]);
    for (const wrong of [{ lyapunov: -1 }, { spectralRadius: 0.5 }, { normaliser: 0 }, { lyapunov: NaN }])
      await expect(gradientHealth(model, params, stretch, wrong)).rejects.toThrow(/gradientHealth/);
    const broken = made(() => ({ ...stretch, targets: full([time, 1, 1], NaN, f64) }));
    const health = await gradientHealth(model, params, broken);
    expect(health.finite).toBe(false);
    expect(health.gradientNorm).toBeNaN();
    disposeTree([params, stretch, first, broken.targets]);
  });
});

test('on a backend that reads late it is the same, and a device that is lost is told and leaves nothing', async () => {
  const late = lateBackend();
  const model = sequenceModel({
    input: { features: 1 },
    outputs: 1,
    hidden: 2,
    cell: 'lstm',
    loss: 'meanSquaredError',
  });
  const of = (where: Backend) =>
    withBackend(where, () =>
      made(() => ({
        params: model.init(key(1), f64),
        stretch: { inputs: full([4, 1, 1], 0.5, f64), targets: full([4, 1, 1], 1, f64) },
      })),
    );
  const [here, there] = [of(currentBackend()), of(late.backend)];
  const options = { strategy: truncatedBptt({ updateEvery: 2 }) };
  const wanted = await gradientHealth(model, here.params, here.stretch, options);
  const before = late.backend.memory().buffers;
  expect(await gradientHealth(model, there.params, there.stretch, options)).toEqual(wanted);
  late.fail();
  await expect(gradientHealth(model, there.params, there.stretch, options)).rejects.toThrow(/the device was lost/);
  await expect(lyapunovExponents((x: Tensor) => mul(x, 2), there.stretch.inputs, { steps: 2 })).rejects.toThrow(/lost/);
  await expect(gradientCosine(model, there.params, there.stretch, fullBptt())).rejects.toThrow(/lost/);
  expect(late.backend.memory().buffers).toBe(before);
  disposeTree([here, there]);
});
