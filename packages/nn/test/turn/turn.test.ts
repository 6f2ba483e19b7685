import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { disposeTree, zeros } from '@tempograd/core';
import { programsOf } from '@tempograd/vitest-config/programs';
import { expect, test } from 'vitest';
import { checkpointInfo, evaluate, fit, generate, memoryCheckpointStore, type Checkpoint } from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';
import { all, settings, smallModel, vocabulary } from '../fit/training.js';
import { endless } from './endless.js';

withFreshBackend();

const program = programsOf(import.meta.dirname, ['trainUntilInterrupted']);

test('an abort by a timer ends training in good order, with nothing done for it by the caller', async () => {
  const stop = new AbortController();
  const data = endless(() => false);
  const store = memoryCheckpointStore();
  const options = settings({ data, signal: stop.signal, checkpoint: { store } });
  let taken = 0;
  for await (const { update } of fit(options)) {
    taken = update;
    if (update === 1) setTimeout(() => stop.abort(), 5);
  }
  expect(data.gaveUp()).toBe(false);
  expect(taken).toBeGreaterThan(0);
  expect(checkpointInfo((await store.load()) as Checkpoint).update).toBe(taken);
  disposeTree(options.params);
});

test('so does one in an epoch in which nothing counts', async () => {
  const data = endless(() => false);
  const options = settings({ data, signal: AbortSignal.timeout(20) });
  const { task } = options;
  const steps = await all(fit({ ...options, task: { ...task, lossWeight: () => zeros([]) } }));
  expect([steps, data.gaveUp()]).toEqual([[], false]);
  disposeTree(options.params);
});

test('timers fire while a model is evaluated', async () => {
  let fired = false;
  const { task, params } = smallModel();
  const data = endless(() => fired);
  setTimeout(() => (fired = true), 20);
  expect((await evaluate({ task, params, data })).items).toBeGreaterThan(0);
  expect([fired, data.gaveUp()]).toEqual([true, false]);
  disposeTree(params);
});

test('timers fire while a model writes', async () => {
  let fired = false;
  const { task, params } = smallModel();
  const begin = performance.now();
  setTimeout(() => (fired = true), 20);
  for await (const character of generate(task, params, { vocabulary })) {
    expect(character).not.toBe('');
    if (fired || performance.now() - begin > 20_000) break;
  }
  expect(fired).toBe(true);
  disposeTree(params);
});

test.runIf(process.platform !== 'win32')('Ctrl-C ends a training in another process', async () => {
  const child = spawn(process.execPath, [program('trainUntilInterrupted')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (line === 'training') child.kill('SIGINT');
  }
  expect(await exit).toEqual([0, null]);
  expect(lines).toEqual(['training', 'interrupted', 'saved']);
});
