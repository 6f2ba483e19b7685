import { disposeTree, fullBptt, keep, key, scope, treeLeaves, truncatedBptt } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  advise,
  contiguousStreams,
  fit,
  planMemory,
  adam,
  sequenceModel,
  sequences,
  strategyCode,
  type Advice,
  type AdviseOptions,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

/** Ten tasks as people describe them, what is advised, and what the reasons must speak of. */
const described: Record<string, { options: AdviseOptions; code: string; rest: Partial<Advice>; because: RegExp }> = {
  'a novel by characters': {
    options: { task: 'characters', sequenceLength: Infinity },
    code: 'truncatedBptt({ updateEvery: 100, backwardSteps: 100 })',
    rest: { cell: 'lstm', initialisation: { forgetBias: 1 }, pooling: 'none' },
    because: /For characters 50 to 100 steps back are usual.*upper end.*forget gate/s,
  },
  'names of towns by characters': {
    options: { task: 'characters', sequenceLength: 30 },
    code: 'fullBptt()',
    rest: { cell: 'gru', initialisation: {} },
    because: /30 steps are short: whole ones.*exact.*GRU/s,
  },
  'news by words': {
    options: { task: 'words', sequenceLength: 800 },
    code: 'truncatedBptt({ updateEvery: 35, backwardSteps: 35 })',
    rest: { cell: 'lstm' },
    because: /For words 20 to 35.*a sentence or two/s,
  },
  'product reviews by words, of which the sum counts': {
    options: { task: 'words', sequenceLength: 120, orderMatters: false },
    code: 'truncatedBptt({ updateEvery: 20, backwardSteps: 20 })',
    rest: { pooling: 'attention' },
    because: /lower end.*order of the steps hardly matters.*transformer.*consider a library.*pooling: 'attention'/s,
  },
  'spoken commands by frames of 10 ms': {
    options: { task: 'speech', sequenceLength: 1500 },
    code: 'truncatedBptt({ updateEvery: 50, backwardSteps: 50 })',
    rest: { cell: 'lstm' },
    because: /For speech 20 to 50.*syllable/s,
  },
  'gestures in short videos': {
    options: { task: 'video', sequenceLength: 90 },
    code: 'truncatedBptt({ updateEvery: 16, backwardSteps: 16 })',
    rest: { cell: 'lstm' },
    because: /For video 16 to 32.*lower end/s,
  },
  'power used by the hour, with a daily season': {
    options: { task: 'timeSeries', sequenceLength: 8760, horizon: 24 },
    code: 'truncatedBptt({ updateEvery: 24, backwardSteps: 48 })',
    rest: { cell: 'lstm', initialisation: { forgetBias: 1 } },
    because: /look back over its horizon, 24 steps.*every loss sees at least that far/s,
  },
  'weather by the day, with a yearly season': {
    options: { task: 'timeSeries', sequenceLength: 7300, horizon: 365 },
    code: 'truncatedBptt({ updateEvery: 365, backwardSteps: 730 })',
    rest: { cell: 'lstm', initialisation: { chrono: 365 } },
    because: /horizon, 365 steps.*chrono: 365/s,
  },
  'sensors of a machine, two hundred steps a run': {
    options: { sequenceLength: 200 },
    code: 'truncatedBptt({ updateEvery: 20, backwardSteps: 20 })',
    rest: { cell: 'lstm' },
    because: /200 steps are worth cutting: 20 to 50/s,
  },
  'a log of events without end, where what happened 400 events ago matters': {
    options: { sequenceLength: Infinity, longestDependency: 400 },
    code: 'truncatedBptt({ updateEvery: 100, backwardSteps: 100 })',
    rest: { cell: 'lstm', initialisation: { chrono: 400 } },
    because: /50 to 100 steps back are usual for an LSTM.*400 steps back matters.*gradient looks 100 steps back/s,
  },
};

describe('ten described tasks get advice that its reasons support', () => {
  test.each(Object.entries(described))('%s', async (_what, { options, code, rest, because }) => {
    const advice = await advise(options);
    expect(strategyCode(advice.choice)).toBe(code);
    expect(advice).toMatchObject(rest);
    expect(advice.reasons.join('\n')).toMatch(because);
    expect(advice.strategy.name).toBe(advice.choice.name);
    expect(advice.cost.choice).toEqual(advice.choice);
    expect(advice.alternatives.map(({ choice }) => strategyCode(choice))).not.toContain(code);
    const { strategy: _strategy, ...plain } = advice;
    expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
    expect([advice.measured, advice.batch, advice.cost.bytes, advice.cost.keptShare]).toEqual([null, null, null, null]);
  });
});

const config = { input: { vocabulary: 12, embedding: 6 }, hidden: 10, outputs: 12 };
const model = sequenceModel(config);
const makeParams = (): ReturnType<typeof model.init> => scope(() => keep(model.init(key(1))));
const items = Int32Array.from({ length: 3000 }, (_, index) => (index * index) % 12);

describe('with a model', () => {
  test('memory is planned, and a budget held to: by checkpoints first, then by fewer rows', async () => {
    const params = makeParams();
    const asked = { task: 'characters', sequenceLength: 500, model, params, batch: 16 } as const;
    const { cost, alternatives, batch } = await advise(asked);
    const optimiser = adam({ learningRate: 1e-3 });
    const plan = { time: 100, optimiser, clip: { norm: 1 } } as const;
    const bytes = cost.bytes as number;
    const strategy = truncatedBptt({ updateEvery: 100 });
    expect([batch, bytes]).toEqual([16, planMemory(model, params, { ...plan, batch: 16, strategy }).peakBytes]);
    expect(alternatives.map(({ what }) => what)).toEqual([
      'windows of 100 steps, an update every 50',
      'chunks of 50 steps',
      'chunks of 200 steps',
      'whole sequences',
      'whole sequences, checkpointed',
    ]);
    expect(alternatives.at(-1)?.bytes).toBeLessThan((alternatives.at(-2)?.bytes as number) / 5);
    expect(alternatives.at(-2)?.bytes).toBe(
      planMemory(model, params, { ...plan, time: 500, batch: 16, strategy: fullBptt() }).peakBytes,
    );
    const health = { every: 20 };
    const looked = await advise({ ...asked, health });
    expect(looked.cost.bytes).toBe(planMemory(model, params, { ...plan, batch: 16, strategy, health }).peakBytes);
    expect(looked.cost.bytes).toBeGreaterThan(bytes);
    await expect(advise({ ...asked, health: { every: 0 } })).rejects.toThrow(/health\.every/);
    const half = await advise({ ...asked, memoryBudget: bytes / 1.7 });
    expect([half.batch, half.choice]).toMatchObject([
      16,
      {
        name: 'truncatedBptt',
        options: { updateEvery: 100, backwardSteps: 100, checkpoints: { bytes: expect.any(Number) } },
      },
    ]);
    expect(half.cost.bytes).toBeLessThanOrEqual(bytes / 1.7);
    expect(half.reasons.join('\n')).toMatch(
      /is over the budget of .*chunks of 100 steps, checkpointed of 16 rows take .*the gradient is the same/,
    );
    const tenth = await advise({ ...asked, memoryBudget: bytes / 25 });
    expect(tenth.cost.bytes).toBeLessThanOrEqual(bytes / 25);
    expect(tenth.batch).toBeLessThan(16);
    const none = await advise({ ...asked, memoryBudget: 1000 });
    expect(none.batch).toBe(1);
    expect(none.reasons.join('\n')).toMatch(/so is the least there is.*too large for it/);
    const roomy = await advise({ ...asked, memoryBudget: 1e9 });
    expect(roomy.reasons.join('\n')).toMatch(/fits the budget of 1\.00 GB/);
    disposeTree(params);
  });

  test('with data the length is measured, and what each choice costs; nothing is changed or left behind', async () => {
    const params = makeParams();
    const { backend } = treeLeaves(params)[0] as ReturnType<typeof treeLeaves>[number];
    const [before, values] = [backend.memory().buffers, params.head.bias.readSync()];
    const data = contiguousStreams(items, { batch: 4, steps: 25 });
    const asked = { task: 'characters', sequenceLength: Infinity, model, params, data, pilot: 5 } as const;
    const advice = await advise(asked);
    const { measured, choice, cost, batch } = advice;
    const byLag = measured?.byLag ?? [];
    expect(byLag.length).toBe(200);
    const squares = byLag.map((norm) => norm * norm);
    const total = squares.reduce((a, b) => a + b);
    const sums = squares.map((_, lag) => squares.slice(0, lag + 1).reduce((a, b) => a + b) / total);
    const steps = 1 + sums.findIndex((sum) => sum >= 0.95);
    expect(measured).toMatchObject({ share: 0.95, steps });
    // The shortest chunk in which losses keep the share on average.
    const kept = (chunk: number): number =>
      Array.from({ length: chunk }, (_, index) => sums[Math.min(index, sums.length - 1)] as number).reduce(
        (a, b) => a + b,
      ) / chunk;
    const chunk = (choice as { options: { updateEvery: number } }).options.updateEvery;
    expect(choice).toEqual({ name: 'truncatedBptt', options: { updateEvery: chunk, backwardSteps: chunk } });
    expect([kept(chunk) >= 0.95, kept(chunk - 1) >= 0.95]).toEqual([true, false]);
    expect(advice.alternatives[0]?.choice).toMatchObject({ options: { updateEvery: steps, backwardSteps: 2 * steps } });
    expect(advice.reasons.join('\n')).toMatch(
      /keeps 95 % of its gradient with \d+ steps back.*would have been chunks of 100/s,
    );
    expect([batch, cost.work]).toEqual([4, 3]);
    expect(cost.keptShare).toBeCloseTo(kept(chunk), 10);
    expect(cost.secondsPerStep).toBeGreaterThan(0);
    expect(advice.alternatives.every(({ bytes }) => bytes !== null && bytes > 0)).toBe(true);
    expect([backend.memory().buffers, params.head.bias.readSync()]).toEqual([before, values]);
    const settled = await advise({ ...asked, updateEvery: 3, share: 0.8 });
    expect(settled.choice).toMatchObject({ options: { updateEvery: 3 } });
    expect(settled.cost.keptShare).toBeGreaterThanOrEqual(0.8);
    for await (const { update } of fit({
      task: model,
      params,
      data,
      strategy: settled.strategy,
      optimiser: adam({ learningRate: 0.1 }),
      updates: 2,
    }))
      expect(update).toBeLessThanOrEqual(2);
    disposeTree(params);
  });

  test('chunks are no shorter than 10 steps, however little a model looks back that has hardly begun to learn', async () => {
    const params = makeParams();
    const data = contiguousStreams(items, { batch: 4, steps: 25 });
    const optimiser = adam({ learningRate: 0.01 });
    const asked = { task: 'characters', model, params, data, optimiser, pilot: 20 } as const;
    const { choice, measured, reasons, cost, alternatives } = await advise(asked);
    expect(measured?.steps).toBeLessThan(3);
    expect(choice).toEqual({ name: 'truncatedBptt', options: { updateEvery: 10, backwardSteps: 10 } });
    expect(reasons.join('\n')).toMatch(
      /Chunks of [1-9] would keep that on average\. They have 10 all the same: what a/,
    );
    expect(cost.keptShare).toBeGreaterThan(0.95);
    expect(alternatives.map(({ what }) => what)).toContain('chunks of 5 steps');
    const settled = await advise({ ...asked, updateEvery: 2 });
    expect(settled.choice).toMatchObject({ options: { updateEvery: 2 } });
    const short = await advise({ ...asked, sequenceLength: 60 });
    expect(short.choice).toMatchObject({ options: { updateEvery: 10 } });
    disposeTree(params);
  });

  test('whole sequences are run only where stretches are whole', async () => {
    const params = makeParams();
    const asked = { sequenceLength: 20, model, params, pilot: 2 } as const;
    const parts = await advise({ ...asked, data: contiguousStreams(items, { batch: 4, steps: 10 }) });
    const wholes = await advise({ ...asked, data: sequences([[1, 2, 3, 4, 5, 6, 7, 8]], { batch: 1 }) });
    expect([parts.choice, wholes.choice]).toEqual([{ name: 'fullBptt' }, { name: 'fullBptt' }]);
    expect([parts.cost.secondsPerStep, parts.batch]).toEqual([null, 4]);
    expect(wholes.cost.secondsPerStep).toBeGreaterThan(0);
    expect(parts.measured?.byLag.length).toBe(20);
    disposeTree(params);
  });

  test('what is refused says what to give', async () => {
    const params = makeParams();
    const wrong: [options: object, message: RegExp][] = [
      [{}, /say what is to be learnt: a task \(characters, words/],
      [{ task: 'poems' }, /task must be one of .*characters.* but is the string .poems./],
      [{ sequenceLength: 0 }, /sequenceLength must be a whole number ≥ 1, or Infinity/],
      [{ sequenceLength: NaN }, /sequenceLength .* but is NaN/],
      [{ sequenceLength: 10, longestDependency: 50 }, /longestDependency is 50, but in sequences of 10 steps/],
      [{ task: 'words', horizon: -1 }, /horizon must be a whole number/],
      [
        { task: 'words', memoryBudget: 1e9 },
        /depends on the sizes of the model; give model, params, and batch or data/,
      ],
      [{ task: 'words', model }, /without params; make some: params: model\.init/],
      [{ task: 'words', model, params }, /give batch, the rows in parallel, or data/],
      [{ task: 'words', params }, /params are given without the model/],
      [{ task: 'words', model, params, batch: 2, memoryBudget: 0 }, /memoryBudget is a number of bytes above 0/],
      [{ task: 'words', share: 1 }, /share is the part of the gradient to keep/],
      [{ task: 'words', pilot: 1.5 }, /pilot is a number of updates/],
    ];
    for (const [options, message] of wrong) await expect(advise(options)).rejects.toThrow(message);
    disposeTree(params);
  });
});
