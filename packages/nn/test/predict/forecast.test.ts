import { disposeTree, fromArray, keep, key, scope, uniformValues } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  fitScaler,
  forecastBand,
  predictor,
  sequenceModel,
  type SequenceModel,
  type SequenceModelParams,
} from '../../src/index.js';
import { expectClose, withFreshBackend } from '../support/close.js';

withFreshBackend();

function untrained(features: number, outputs: number): { model: SequenceModel; params: SequenceModelParams } {
  const model = sequenceModel({ input: { features }, hidden: 5, outputs, cell: 'gru' });
  return { model, params: scope(() => keep(model.init(key(4), { dtype: 'f64' }))) };
}

/** What a model predicts after steps, by one run over all of them. */
function after(model: SequenceModel, params: SequenceModelParams, steps: readonly (readonly number[])[]): number[] {
  return scope(() => {
    const inputs = fromArray(steps.flat(), [steps.length, 1, steps[0]?.length ?? 0], { dtype: 'f64' });
    const { output } = model.forward(params, model.initialCarry(params), { inputs }, { from: 0, key: null });
    return [...model.logits(params, output).readSync()].slice(-model.config.outputs);
  });
}

describe('forecast', () => {
  test('reads its own predictions, in the units of the series', async () => {
    const { model, params } = untrained(2, 2);
    const past = [
      [10, 300],
      [12, 310],
      [15, 290],
      [9, 305],
    ];
    const scaler = fitScaler(past);
    const predict = predictor(model, params, { scaler });
    await predict.run(past);
    const seen: number[][] = scaler.transform(past).map((row) => [...row]);
    const wanted: number[] = [];
    for (let step = 0; step < 3; step++) {
      seen.push(after(model, params, seen));
      wanted.push(...scaler.inverse([seen.at(-1) as number[]]).flatMap((row) => [...row]));
    }
    expectClose(await predict.forecast(3), wanted, 1e-12);
    expectClose(await predict.forecast(1), wanted.slice(0, 2), 1e-12);
    expect(await predict.forecast(0)).toHaveLength(0);
    expect(predict.steps).toBe(4);
    // It is where it was.
    expectClose(
      await predict.step([11, 300]),
      scaler.inverse(
        after(
          model,
          params,
          [...scaler.transform([...past, [11, 300]])].map((row) => [...row]),
        ),
      ),
      1e-12,
    );
    predict.reset();
    disposeTree(params);
  });

  test('takes what is predicted at once, and goes on from there', async () => {
    const { model, params } = untrained(1, 3);
    const predict = predictor(model, params);
    await predict.run([0.1, -0.2]);
    const first = after(model, params, [[0.1], [-0.2]]);
    const next = after(model, params, [[0.1], [-0.2], ...first.map((value) => [value])]);
    expectClose(await predict.forecast(3), first, 1e-15);
    expectClose(await predict.forecast(5), [...first, ...next.slice(0, 2)], 1e-12);
    predict.reset();
    disposeTree(params);
  });

  test('is told what else is known of the steps ahead', async () => {
    const { model, params } = untrained(3, 1);
    const past = { value: [5, 7, 6], weekday: [0, 1, 2], holiday: [0, 0, 1] };
    const scaler = fitScaler({ value: past.value });
    const predict = predictor(model, params, { scaler, targets: 'value' });
    const last = (await predict.run(past)).at(-1) as ArrayLike<number>;
    const told: [number, number][] = [];
    const forecast = await predict.forecast(3, {
      inputs: (predicted, ahead) => {
        told.push([predicted[0] as number, ahead]);
        return [predicted[0] as number, (2 + ahead) % 7, 0];
      },
    });
    expect(forecast[0]).toBe(last[0]);
    expect(told).toEqual([
      [forecast[0], 1],
      [forecast[1], 2],
    ]);
    const scaled = [...past.value, forecast[0] as number].map((value) => scaler.transform([value])[0] as number);
    const rows = scaled.map((value, row) => [value, row, row === 2 ? 1 : 0]);
    expectClose([forecast[1] as number], scaler.inverse(after(model, params, rows)), 1e-12);
    await expect(predict.forecast(2)).rejects.toThrow(/reads 3 features and predicts 1/);
    await expect(predict.forecast(2, { inputs: () => [1, 2] })).rejects.toThrow(/reads 3 features.*list of 2/);
    predict.reset();
    disposeTree(params);
  });

  test('of one channel among several is brought back by its own scaling', async () => {
    const { model, params } = untrained(2, 2);
    const series = { warm: [1, 2, 3], cold: [-100, -300, -200] };
    const scaler = fitScaler(series);
    const predict = predictor(model, params, { scaler, targets: ['cold'] });
    const outputs = await predict.run({ cold: series.cold, warm: series.warm });
    const raw = predictor(model, params, { logits: true });
    const scaled = scaler.transform(series);
    const bare = await raw.run(Array.from(scaled.warm, (warm, row) => [warm, scaled.cold[row] as number]));
    bare.forEach((each, row) =>
      expectClose(outputs[row] as Float64Array, scaler.channel('cold').inverse(Float64Array.from(each)), 1e-12),
    );
    predict.reset();
    raw.reset();
    disposeTree(params);
  });

  test('is refused where there is nothing to go on from, or no numbers', async () => {
    const { model, params } = untrained(1, 1);
    const predict = predictor(model, params);
    await expect(predict.forecast(3)).rejects.toThrow(/nothing was read yet/);
    await expect(predict.forecast(-1)).rejects.toThrow(/number of steps/);
    await expect(predict.forecast(1.5)).rejects.toThrow(/number of steps/);
    await expect(predict.run({})).rejects.toThrow(/columns by name/);
    const scaler = fitScaler([
      [1, 2],
      [3, 4],
    ]);
    expect(() => predictor(model, params, { scaler })).toThrow(/reads 1 features?, but the scaler has 2 channels/);
    expect(() => predictor(model, params, { scaler: fitScaler([1, 2]), targets: 'x' })).toThrow(/no "x"/);
    expect(() => predictor(model, params, { targets: ['a', 'b'] })).toThrow(/no steps of 2 channels/);
    disposeTree(params);
    const letters = sequenceModel({ input: { vocabulary: 3, embedding: 2 }, hidden: 2, outputs: 3 });
    const others = scope(() => keep(letters.init(key(1))));
    await expect(predictor(letters, others).forecast(1)).rejects.toThrow(/numbers are forecast/);
    disposeTree(others);
  });
});

describe('forecastBand', () => {
  test('covers new errors as often as it says, skewed or not', () => {
    const draws = uniformValues(key(8), 4000);
    // Errors from 0 to 1 with most of them near 0, twice as large two steps ahead.
    const actual = (index: number): number[] => [1, 2].map((step) => 10 + step * (draws[index] as number) ** 3);
    let inside = 0;
    for (let trial = 0; trial < 100; trial++) {
      const at = Array.from({ length: 39 }, (_, index) => trial * 40 + index);
      const { around } = forecastBand({ forecasts: at.map(() => [10, 10]), actuals: at.map(actual), coverage: 0.8 });
      const { lower, upper } = around([10, 10]);
      const [, second] = actual(trial * 40 + 39) as [number, number];
      inside += Number(second >= (lower[1] as number) && second <= (upper[1] as number));
    }
    expect(inside).toBeGreaterThan(68);
    expect(inside).toBeLessThan(92);
  });

  test('takes the errors at the ranks of conformal prediction, and passes over what is not known', () => {
    const errors = Array.from({ length: 20 }, (_, index) => (index * 7) % 20);
    const band = forecastBand({
      forecasts: errors.map(() => [0]),
      actuals: errors.map((error) => [error === 13 ? NaN : error]),
    });
    expect([band.coverage, ...band.lower, ...band.upper]).toEqual([0.9, 0, 19]);
    const narrow = forecastBand({
      forecasts: errors.map(() => [0]),
      actuals: errors.map((error) => [error]),
      coverage: 0.5,
    });
    expect([...narrow.lower, ...narrow.upper]).toEqual([4, 15]);
    expect(narrow.around([100])).toEqual({ lower: Float64Array.of(104), upper: Float64Array.of(115) });
    expect(narrow.around([])).toEqual({ lower: new Float64Array(0), upper: new Float64Array(0) });
  });

  test('refuses what says too little', () => {
    const make = (count: number, coverage?: number) => () =>
      forecastBand({
        forecasts: Array.from({ length: count }, () => [0, 0]),
        actuals: Array.from({ length: count }, () => [0, 1]),
        ...(coverage === undefined ? {} : { coverage }),
      });
    expect(make(18)).toThrow(/takes 19 forecasts or more, but there are 18 at step 1/);
    expect(make(19)).not.toThrow();
    expect(make(38, 0.95)).toThrow(/takes 39/);
    expect(make(39, 0.95)).not.toThrow();
    expect(make(0)).toThrow(/one or more/);
    expect(make(19, 1)).toThrow(/coverage must lie in/);
    expect(() => forecastBand({ forecasts: [[1]], actuals: [[1, 2]] })).toThrow(/all of one length/);
    expect(() =>
      forecastBand({
        forecasts: Array.from({ length: 19 }, () => [0, 0]),
        actuals: Array.from({ length: 19 }, () => [0, 1]),
      }).around([1, 2, 3]),
    ).toThrow(/for 2 steps ahead, but the forecast has 3/);
  });
});

test('which channels are predicted must be said where the outputs could be steps of all of them, or more steps of fewer', () => {
  const scaler = fitScaler({ sold: [1, 2, 4], price: [5, 5, 6] });
  const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 12 });
  const params = model.init(key(1));
  expect(() => predictor(model, params, { scaler })).toThrow(
    /12 numbers .* may be 6 steps of all 2 channels .*targets: \["sold","price"\], or some of these/,
  );
  expect(() => predictor(model, params, { scaler, targets: 'sold' })).not.toThrow();
  expect(() => predictor(model, params, { scaler, targets: ['sold', 'price'] })).not.toThrow();
  disposeTree(params);
});

test.each(['crossEntropy', 'binaryCrossEntropy'] as const)(
  'the scaler of what a classifier reads leaves its probabilities alone: %s',
  async (loss) => {
    const scaler = fitScaler({ heat: [20, 60, 30], noise: [1, 9, 5] });
    const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 3, loss });
    const params = scope(() => keep(model.init(key(1))));
    const step = { heat: [45], noise: [3] };
    const [own, plain] = [predictor(model, params, { scaler }), predictor(model, params)];
    const [probabilities] = await own.run(step);
    expect(probabilities).toEqual((await plain.run(scaler.transform(step)))[0]);
    expect(probabilities!.every((share) => share > 0 && share < 1)).toBe(true);
    expect(() => predictor(model, params, { scaler, targets: 'heat' })).toThrow(/predicts classes. Leave them out/);
    own.reset();
    plain.reset();
    disposeTree(params);
  },
);
