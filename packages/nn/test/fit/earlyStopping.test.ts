import { disposeTree, keep, key, scope, shareTree, treeLeaves } from '@tempograd/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  accuracy,
  fit,
  memoryCheckpointStore,
  reduceOnPlateau,
  sgd,
  type Checkpoint,
  type EarlyStoppingOptions,
  type TrainingStep,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { lateBackend } from './lateBackend.js';
import { settings, streams, text, train, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

/** Watches values that are given, one a step, whatever the loss is. */
const watching = (
  values: readonly number[],
  rest: Omit<EarlyStoppingOptions, 'metric'>,
  from = 0,
): EarlyStoppingOptions => {
  let at = from;
  return { ...rest, metric: () => values[at++] ?? null };
};

/** Where a training that sees these values ends, and what its best is: by looking at all of them at once. */
function expected(
  values: readonly number[],
  { patience, minDelta = 0, direction = 'min' }: Omit<EarlyStoppingOptions, 'metric'>,
): { ends: number; best: number | null } {
  let [best, waited]: [number | null, number] = [null, 0];
  for (const [index, value] of values.entries()) {
    const sign = direction === 'min' ? 1 : -1;
    const better = best === null || sign * (values[best] as number) - sign * value > minDelta;
    if (Number.isFinite(value) && better) [best, waited] = [index, 0];
    else if (best !== null && ++waited > patience) return { ends: index + 1, best };
  }
  return { ends: values.length, best };
}

async function trainOn(
  changes: Partial<CharTraining>,
): Promise<{ steps: TrainingStep[]; before: Record<string, number[]>[]; after: Record<string, number[]> }> {
  const options = settings(changes);
  const before: Record<string, number[]>[] = [];
  const steps: TrainingStep[] = [];
  for await (const step of fit(options)) {
    steps.push(step);
    before.push(valuesOf(options.params));
  }
  const after = valuesOf(options.params);
  disposeTree(options.params);
  return { steps, before, after };
}

describe('early stopping', () => {
  test('ends where the rule says, with the best parameters: any values', async () => {
    const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(NaN, Infinity, -Infinity));
    await fc.assert(
      fc.asyncProperty(
        fc.array(value, { minLength: 1, maxLength: 8 }),
        fc.nat({ max: 2 }),
        fc.constantFrom(0, 1),
        fc.constantFrom('min' as const, 'max' as const),
        async (values, patience, minDelta, direction) => {
          const rule = { patience, minDelta, direction };
          const { ends, best } = expected(values, rule);
          const { steps, before, after } = await trainOn({
            updates: values.length,
            earlyStopping: watching(values, rule),
          });
          expect(steps).toHaveLength(ends);
          expect(steps.at(-1)?.best).toEqual(best === null ? null : { update: best + 1, value: values[best] });
          expect(after).toEqual(before[best ?? ends - 1]);
        },
      ),
      { numRuns: 15, seed: 4 },
    );
  });

  test('watches the loss of evaluations, or a metric of theirs', async () => {
    const evaluate = { data: streams(2, 30, text.slice(0, 100)), every: 2, metrics: { accuracy: accuracy() } };
    for (const [metric, direction] of [
      ['loss', 'min'],
      ['accuracy', 'max'],
    ] as const) {
      const { steps } = await trainOn({ updates: 12, evaluate, earlyStopping: { patience: 9, metric, direction } });
      const values = steps.flatMap(({ evaluation, update }) =>
        evaluation
          ? [{ update, value: metric === 'loss' ? evaluation.loss : (evaluation.metrics['accuracy'] as number) }]
          : [],
      );
      const order = direction === 'min' ? 1 : -1;
      const [best] = [...values].sort((a, b) => order * (a.value - b.value) || a.update - b.update);
      expect(steps.at(-1)?.best).toEqual(best);
    }
  });

  test('watches the loss of each step where nothing is evaluated, and gives the parameters that it was taken at', async () => {
    // With small steps a loss before the last is the best, with larger ones the last.
    for (const learningRate of [0.01, 3]) {
      const changes = { optimiser: sgd({ learningRate }), clip: null };
      const first = settings(changes);
      const initial = valuesOf(first.params);
      disposeTree(first.params);
      const whole = await trainOn({ ...changes, updates: 6, earlyStopping: { patience: 9 } });
      const losses = whole.steps.map(({ loss }) => loss);
      const best = losses.indexOf(Math.min(...losses));
      expect(whole.steps.at(-1)?.best).toEqual({ update: best + 1, value: losses[best] });
      expect(whole.after).toEqual([initial, ...whole.before][best]);
      for (let at = 1; at < 6; at++) {
        const store = memoryCheckpointStore();
        await trainOn({ ...changes, updates: at, earlyStopping: { patience: 9 }, checkpoint: { store } });
        const resume = (await store.load()) as Checkpoint;
        const second = await trainOn({ ...changes, updates: 6, earlyStopping: { patience: 9 }, resume });
        expect(second.after, `from update ${at}`).toEqual(whole.after);
      }
    }
  });

  test('goes on from a checkpoint as if it had never stopped, with the best of before, also when it was over', async () => {
    const values = [5, 3, 4, 2, 6, 7, 1, 8, 9, 9];
    const rule = { patience: 2 };
    const whole = await trainOn({ updates: 10, earlyStopping: watching(values, rule) });
    expect(whole.steps).toHaveLength(10);
    for (let at = 1; at <= 10; at++) {
      const store = memoryCheckpointStore();
      await trainOn({ updates: at, earlyStopping: watching(values, rule), checkpoint: { store } });
      const resume = (await store.load()) as Checkpoint;
      const second = await trainOn({ updates: 10, resume, earlyStopping: watching(values, rule, at) });
      expect(second.steps.map(({ loss, best }) => [loss, best])).toEqual(
        whole.steps.slice(at).map(({ loss, best }) => [loss, best]),
      );
      expect(second.after).toEqual(whole.after);
    }
    // Whoever does without it from there on goes on from the latest parameters.
    const store = memoryCheckpointStore();
    await trainOn({ updates: 5, earlyStopping: watching(values, rule), checkpoint: { store } });
    const plain = await train({ updates: 8 });
    const on = await train({ updates: 8, resume: await store.load() });
    expect(on.map(({ loss }) => loss)).toEqual(plain.slice(5).map(({ loss }) => loss));
  });

  test('gives the best also on an abort, on breaking off, and on a backend that answers later', async () => {
    const values = [5, 3, 4, 6];
    for (const late of [false, true]) {
      for (const end of ['abort', 'break', 'updates'] as const) {
        const device = lateBackend();
        const stop = new AbortController();
        const made = settings({
          earlyStopping: watching(values, { patience: 5 }),
          signal: stop.signal,
          ...(end === 'updates' ? { updates: 4 } : {}),
        });
        if (late) disposeTree(made.params);
        const params = late ? scope(() => keep(made.task.init(key(1), { backend: device.backend }))) : made.params;
        const read = (): number[][] =>
          treeLeaves(params).map((leaf) => (late ? device.peek(leaf) : [...leaf.readSync()]));
        let best: number[][] = [];
        for await (const { update } of fit({ ...made, params })) {
          if (update === 2) best = read();
          if (update === 4 && end === 'abort') stop.abort();
          if (update === 4 && end === 'break') break;
        }
        expect(read(), `${end}, late: ${late}`).toEqual(best);
        disposeTree(params);
        expect(device.backend.memory().buffers).toBe(0);
      }
    }
  });

  test('holds one copy of the parameters and no more, and keeps the best of what is evaluated', async () => {
    const options = settings({ updates: 8 });
    const average = shareTree(options.params);
    const [first] = treeLeaves(options.params);
    const data = streams(2, 30, text.slice(0, 100));
    const kept: number[] = [];
    const latest: unknown[] = [];
    const training = fit({
      ...options,
      average: { params: average, decay: 0.9 },
      evaluate: { data, every: 1, params: average },
      earlyStopping: watching([3, 1, 2, 2, 2, 2, 2, 2], { patience: 9 }),
    });
    let best: unknown = null;
    for await (const { update } of training) {
      kept.push(first?.backend.memory().buffers as number);
      latest.push(valuesOf(options.params));
      if (update === 2) best = valuesOf(average);
    }
    expect(new Set(kept.slice(3)).size).toBe(1);
    expect(valuesOf(average)).toEqual(best);
    expect(valuesOf(options.params)).toEqual(latest.at(-1));
    expect(first?.backend.memory().buffers).toBe(2 * treeLeaves(options.params).length);
    disposeTree([options.params, average]);
  });

  test('that makes no sense is refused', async () => {
    const options = settings({ updates: 2 });
    const refuse = (earlyStopping: unknown, message: RegExp, more: Partial<CharTraining> = {}): void => {
      const refused = { ...options, ...more, earlyStopping: earlyStopping as EarlyStoppingOptions };
      expect(() => fit(refused)).toThrow(message);
    };
    refuse({}, /patience/);
    refuse({ patience: -1 }, /patience must be a whole number ≥ 0, but is -1/);
    refuse({ patience: 1.5 }, /patience/);
    refuse({ patience: 1, minDelta: NaN }, /minDelta/);
    refuse({ patience: 1, direction: 'up' }, /direction/);
    refuse({ patience: 1, mode: 'min' }, /mode/);
    refuse({ patience: 1, metric: 'accuracy' }, /"accuracy" is not evaluated; give fit evaluate/);
    const evaluate = { data: streams(), every: 1 };
    refuse({ patience: 1, metric: 'accuracy' }, /"accuracy" is not evaluated; there is loss/, { evaluate });
    const measured = { evaluate: { ...evaluate, metrics: { accuracy: accuracy() } } };
    refuse(
      { patience: 1, metric: 'accuracy' },
      /direction is missing: say 'max' if more of "accuracy" is better/,
      measured,
    );
    expect(() => reduceOnPlateau(0.1, { patience: 1, metric: 'accuracy' })).toThrow(/direction is missing/);
    refuse(5, /earlyStopping/);
    for (const given of ['1', undefined, {}]) {
      const earlyStopping = { patience: 1, metric: () => given as unknown as number };
      await expect(train({ updates: 1, earlyStopping })).rejects.toThrow(/what is watched must be a number/);
    }
    disposeTree(options.params);
  });
});
