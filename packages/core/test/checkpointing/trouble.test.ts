import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import {
  ArgumentError,
  BackendError,
  checkpointedBptt,
  disposeTree,
  foldIn,
  key,
  LifetimeError,
  mul,
  scope,
  truncatedBptt,
  useBackend,
  type CheckpointOptions,
  type StateStore,
  type StoredArray,
  type Strategy,
} from '../../src/index.js';
import { bitsOf, onOneTape, outcomeOf, parts, stackedTask } from './support.js';
import { leavesNothingOn } from '../fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

/** A store that keeps what it is given, and does something first. */
function storeIn(kept: Map<string, readonly StoredArray[]>, onGet: () => void = () => undefined): StateStore {
  return {
    put: (name, arrays) => void kept.set(name, arrays),
    get(name) {
      onGet();
      return kept.get(name) ?? [];
    },
    delete: (name) => void kept.delete(name),
  };
}

test('dropout that is drawn anew when steps run again would be seen', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('gru', { time: 6 });
    let runs = 0;
    const restless = {
      ...task,
      forward: (...[p, carry, part, { from, key: run }]: Parameters<typeof task.forward>) =>
        task.forward(p, carry, part, { from, key: run && foldIn(run, runs++) }),
    };
    const bits = (which: typeof task): unknown =>
      outcomeOf(checkpointedBptt({ slots: 1 }), which, params, [stretch], { key: key(1) }).updates[0]?.bits;
    const expected = onOneTape(task, params, stretch, 1, { key: key(1) }).bits;
    expect(bits(task)).toEqual(expected);
    expect(bits(restless)).not.toEqual(expected);
  });
});

test('NaN goes where it goes without checkpoints', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('lstm', { time: 9 });
    const spoilt = { ...stretch, y: mul(stretch.y, NaN) };
    const found = outcomeOf(checkpointedBptt(), task, params, [spoilt]);
    expect(found.updates[0]?.bits).toEqual(onOneTape(task, params, spoilt, 3).bits);
  });
});

test('a given carry is started from, and is the caller’s', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('lstm', { time: 9 });
    const [first] = parts(stretch, [4, 5]) as [typeof stretch];
    const { carry } = task.forward(params, task.initialCarry(params, first), first, { from: 0, key: null });
    const kept = new Map<string, readonly StoredArray[]>();
    for (const options of [{ slots: 1 }, { slow: { store: storeIn(kept) } }] as CheckpointOptions[]) {
      const found = outcomeOf(checkpointedBptt({ ...options, segment: 2 }), task, params, [stretch], { carry });
      const expected = onOneTape(task, params, stretch, 2, { carry });
      expect(found.updates[0]?.bits).toEqual(expected.bits);
      expect(found.carry).toEqual(expected.carry);
    }
    expect(kept.size).toBe(0);
    expect(bitsOf(carry).length).toBe(4);
  });
});

test('a loop that is left while an update is out gives everything back', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('rnn', { time: 12 });
    for (const strategy of [
      checkpointedBptt(),
      truncatedBptt({ updateEvery: 3, backwardSteps: 6, checkpoints: { slots: 2 } }),
    ] as Strategy[]) {
      const before = backend.memory().buffers;
      const run = strategy.start(task);
      for (const updates of [run.push(params, stretch), run.finish(params)]) {
        for (const { loss } of updates) {
          expect(loss.readSync().length).toBe(1);
          break;
        }
      }
      run.dispose();
      expect(backend.memory().buffers).toBe(before);
    }
  });
});

test('a snapshot is refused after an update that was stopped, and taken while steps are pending', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('rnn', { time: 10 });
    const run = checkpointedBptt({ slots: 2 }).start(task);
    for (const part of parts(stretch, [3, 1, 6])) expect([...run.push(params, part)]).toEqual([]);
    const snapshot = run.snapshot();
    expect(snapshot.pieces).toEqual([]);
    const resumed = checkpointedBptt({ slots: 2 }).start(task, { snapshot });
    const [bits, again] = [run, resumed].map((each) => {
      const [update] = [...each.finish(params)].map(({ lossSteps }) => lossSteps);
      each.dispose();
      return update;
    });
    expect(again).toEqual(bits);
    const broken = checkpointedBptt({ slots: 2 }).start({
      ...task,
      loss: () => {
        throw new RangeError('stop');
      },
    });
    expect([...broken.push(params, stretch)]).toEqual([]);
    expect(() => [...broken.finish(params)]).toThrow('stop');
    expect(() => broken.snapshot()).toThrow(LifetimeError);
    broken.dispose();
    disposeTree([snapshot.pending, snapshot.carry]);
  });
});

test('a store that gives something else is told of, and its states are deleted', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('rnn', { time: 8 });
    const kept = new Map<string, readonly StoredArray[]>();
    const faults: [() => void, RegExp][] = [
      [() => kept.clear(), /gave back 0 under "state-\d+", where 2 arrays had been put/],
      [() => kept.forEach((_, name) => kept.set(name, [null, null] as never)), /where f64\[2, 3\] had been put/],
      [
        () =>
          kept.forEach((arrays, name) =>
            kept.set(
              name,
              arrays.map((each) => ({ ...each, dtype: 'f32' })),
            ),
          ),
        /gave back f32\[2, 3\]/,
      ],
    ];
    for (const [fault, says] of faults) {
      const strategy = checkpointedBptt({ segment: 2, slow: { store: storeIn(kept, fault) } });
      const train = (): unknown => outcomeOf(strategy, task, params, [stretch]);
      expect(train).toThrow(ArgumentError);
      expect(train).toThrow(says);
      expect(kept.size).toBe(0);
    }
  });
});

test('a backend that reads later is refused a slower store', () => {
  const { readSync: _, ...later } = createBackend();
  useBackend({ ...later, capabilities: { ...later.capabilities, syncRead: false } });
  scope(() => {
    const { task, params, stretch } = stackedTask('rnn', { time: 8 });
    const strategy = checkpointedBptt({ segment: 2, slow: { store: storeIn(new Map()) } });
    const run = strategy.start(task);
    expect([...run.push(params, stretch)]).toEqual([]);
    expect(() => [...run.finish(params)]).toThrow(BackendError);
    run.dispose();
  });
  useBackend(backend);
});

test('what was pushed step by step is trained on without a copy for each step', () => {
  scope(() => {
    const { task, params, stretch } = stackedTask('rnn', { time: 300, batch: 1 });
    const base = backend.memory().bytes;
    const run = checkpointedBptt().start(task);
    const most: number[] = [];
    for (const part of parts(
      stretch,
      Array.from({ length: 300 }, () => 1),
    )) {
      expect([...run.push(params, part)]).toEqual([]);
      most.push(backend.memory().buffers);
    }
    // Two hundred and fifty-six in one part, then as a binary counter has them: of three tensors each.
    expect(Math.max(...most) - (most[0] ?? 0)).toBeLessThan(3 * 9);
    expect(backend.memory().bytes - base).toBeGreaterThan(0);
    for (const { lossSteps } of run.finish(params)) expect(lossSteps).toEqual({ from: 0, to: 300 });
    run.dispose();
  });
});
