import {
  add,
  disposeTree,
  keep,
  mul,
  scope,
  shareTree,
  tensor,
  treeMap,
  treeZip,
  truncatedBptt,
  type Strategy,
  type Tensor,
  type Update,
} from '@tempograd/core';
import { expect, test } from 'vitest';
import {
  fit,
  memoryCheckpointStore,
  readSafetensors,
  writeSafetensors,
  type Checkpoint,
  type SequenceModelParams,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { all, settings, streams, train, valuesOf, type CharTraining } from './training.js';

withFreshBackend();

/** What the strategy below keeps beside its windows. */
interface Memory {
  readonly trace: unknown;
  readonly names: readonly [
    string,
    { readonly tensor: Tensor; readonly 'a.b': Tensor; readonly a: { readonly b: Tensor } },
  ];
  readonly taken: number;
  readonly odd: boolean;
  readonly extremes: readonly number[];
  readonly nothing: null;
}

/** Truncated BPTT with a trace of past gradients, half of which every second one gets: what it gives depends on its state. */
function traced(seen: Memory[]): Strategy {
  const inner = truncatedBptt({ updateEvery: 4, backwardSteps: 6 });
  return {
    ...inner,
    name: 'traced',
    start(task, { snapshot, ...options } = {}) {
      const run = inner.start(task, snapshot === undefined ? options : { ...options, snapshot });
      const given = snapshot?.state as Memory | undefined;
      if (given !== undefined) seen.push(given);
      let trace: unknown = given === undefined ? null : shareTree(given.trace);
      let taken = given?.taken ?? 0;
      const names = (given?.names[1] ?? null) && shareTree(given?.names[1]);
      const marks = names ?? keep({ tensor: tensor([1]), 'a.b': tensor([2]), a: { b: tensor([3]) } });
      function* withTrace<P>(updates: Generator<Update<P>, void, void>): Generator<Update<P>, void, void> {
        for (const update of updates) {
          const before = trace as P | null;
          const after = scope(() =>
            keep(
              before === null
                ? treeMap(update.gradient, (leaf) => mul(leaf, 1))
                : treeZip(before, update.gradient, (old, leaf) => add(mul(old, 0.9), leaf)),
            ),
          );
          disposeTree(before);
          trace = after;
          const share = taken++ % 2 === 0 ? 0 : 0.5;
          const gradient = scope(() => keep(treeZip(update.gradient, after, (g, t) => add(g, mul(t, share)))));
          try {
            yield { ...update, gradient };
          } finally {
            disposeTree(gradient);
          }
        }
      }
      return {
        push: (params, stretch) => withTrace(run.push(params, stretch)),
        finish: (params) => withTrace(run.finish(params)),
        get position() {
          return run.position;
        },
        get carry() {
          return run.carry;
        },
        snapshot: () => ({
          ...run.snapshot(),
          state: {
            trace: shareTree(trace),
            names: ["'#NaN", shareTree(marks)],
            taken,
            odd: taken % 2 === 1,
            extremes: [NaN, -Infinity, -0, 0.1, Number.MAX_VALUE],
            nothing: null,
          } satisfies Memory,
        }),
        dispose() {
          run.dispose();
          disposeTree([trace, marks]);
        },
      };
    },
  };
}

test('what a strategy keeps of its own is saved as it is, and a run goes on bit for bit', async () => {
  const seen: Memory[] = [];
  const changes = { strategy: traced(seen), data: streams(3, 9) } satisfies Partial<CharTraining>;
  const losses = async (more: Partial<CharTraining>): Promise<[number[], Record<string, number[]>]> => {
    const options = settings({ ...changes, ...more });
    const steps = await all(fit(options));
    const values = valuesOf(options.params);
    disposeTree(options.params satisfies SequenceModelParams);
    return [steps.map(({ loss }) => loss), values];
  };
  const [whole, params] = await losses({});
  expect(whole.length).toBeGreaterThan(8);
  for (const at of [1, 4, 7]) {
    const store = memoryCheckpointStore();
    await train({ ...changes, updates: at, checkpoint: { store } });
    const { tensors, metadata } = (await store.load()) as Checkpoint;
    const resume = readSafetensors(writeSafetensors(tensors, metadata));
    expect(await losses({ resume })).toEqual([whole.slice(at), params]);
    const { taken, odd, extremes, nothing, names } = seen.pop() as Memory;
    expect({ taken, odd, extremes, nothing, word: names[0] }).toEqual({
      taken: at,
      odd: at % 2 === 1,
      extremes: [NaN, -Infinity, -0, 0.1, Number.MAX_VALUE],
      nothing: null,
      word: "'#NaN",
    });
    const stored = resume.tensors;
    expect(
      [...stored.keys()].filter((name) => name.startsWith('run.state.names')).map((name) => stored.get(name)?.data[0]),
    ).toEqual([1, 2, 3]);
  }
});

test('what cannot be stored is refused with its path, and nothing is left', async () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  for (const [state, message] of [
    [{ random: new Uint32Array(2) }, /"run\.state\.random" is a Uint32Array/],
    [{ next: () => 1 }, /"run\.state\.next" is a function/],
    [{ count: 1n }, /"run\.state\.count" is a bigint/],
    [cyclic, /nested more than 64 deep/],
  ] as const) {
    const inner = truncatedBptt({ updateEvery: 10 });
    const strategy: Strategy = {
      ...inner,
      start(task, options) {
        const run = inner.start(task, options);
        return Object.assign(run, { snapshot: () => ({ position: 0, carry: null, pending: null, pieces: [], state }) });
      },
    };
    const saving = train({ strategy, updates: 2, checkpoint: { store: memoryCheckpointStore() } });
    await expect(saving).rejects.toThrow(message);
  }
});
