import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  ArgumentError,
  checkpointedBptt,
  disposeTree,
  key,
  scope,
  treeLeaves,
  truncatedBptt,
  zeros,
  type StateStore,
  type Strategy,
} from '@tempograd/core';
import { afterAll, expect, test } from 'vitest';
import { sequenceModel, SafetensorsError } from '../../src/index.js';
import { fileStateStore } from '../../src/node/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

const root = mkdtempSync(join(tmpdir(), 'states '));
afterAll(() => rmSync(root, { recursive: true }));

const model = sequenceModel({ input: { features: 2 }, outputs: 1, hidden: 2, cell: 'gru', dropout: 0.3 });

/** All gradients of a sequence, end to end; `each` is called after each update. */
function gradientsOf(strategy: Strategy): number[][] {
  return scope(() => {
    const params = model.init(key(1));
    const stretch = { inputs: zeros([18, 1, 2]), targets: zeros([18, 1, 1]), mask: null };
    const run = strategy.start(model, { key: key(2) });
    const gradients: number[][] = [];
    try {
      for (const updates of [run.push(params, stretch), run.finish(params)])
        for (const { gradient } of updates) gradients.push(treeLeaves(gradient).flatMap((x) => [...x.readSync()]));
    } finally {
      run.dispose();
      disposeTree([params, stretch]);
    }
    return gradients;
  });
}

test('states in files give the same gradient, to the bit, and leave nothing behind', () => {
  const folder = join(root, 'a', 'new one');
  const store = fileStateStore(pathToFileURL(folder));
  let most = 0;
  const watched: StateStore = {
    ...store,
    put(name, arrays) {
      store.put(name, arrays);
      most = Math.max(most, readdirSync(folder).length);
    },
  };
  for (const [budget, files] of [
    [{ slots: 2, slow: { store: watched, slots: 3 } }, 3],
    [{ slots: 4, states: 'internal', slow: { store: watched } }, 6],
    [{ slow: { store: watched } }, 4],
  ] as const) {
    most = 0;
    const segment = 1 + (files % 3);
    const whole = { slots: Infinity, states: 'internal', segment } as const;
    expect(gradientsOf(checkpointedBptt({ segment, ...budget }))).toEqual(gradientsOf(checkpointedBptt(whole)));
    expect(most, JSON.stringify(budget)).toBeGreaterThan(1);
    expect(readdirSync(folder)).toEqual([]);
  }
  const windows = { updateEvery: 7, backwardSteps: 12 };
  const gradients = gradientsOf(truncatedBptt({ ...windows, checkpoints: { slow: { store } } }));
  expect(gradients).toEqual(gradientsOf(truncatedBptt({ ...windows, checkpoints: {} })));
  expect(gradients.length).toBe(3);
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  [
    'gone',
    (file: string) => rmSync(file),
    /that checkpointed backpropagation put into .* is gone: something else removed it/,
  ],
  ['cut off', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 20)), /cannot be read/],
  [
    'changed in one bit',
    (file: string) => {
      const bytes = readFileSync(file);
      bytes[bytes.length - 3]! ^= 4;
      writeFileSync(file, bytes);
    },
    /cannot be read: .*(SHA-256|digest|damaged)/,
  ],
])('a file that is %s is told of by name, and the others are removed', (name, damage, says) => {
  const folder = join(root, name);
  const store = fileStateStore(folder);
  const spoilt: StateStore = {
    ...store,
    get(state) {
      for (const file of readdirSync(folder)) damage(join(folder, file));
      return store.get(state);
    },
  };
  const train = (): unknown => gradientsOf(checkpointedBptt({ slots: 1, segment: 2, slow: { store: spoilt } }));
  expect(train).toThrow(SafetensorsError);
  expect(train).toThrow(says);
  expect(readdirSync(folder)).toEqual([]);
});

test('what a store that fails leaves is removed; a key is put once', () => {
  const folder = join(root, 'failing');
  const store = fileStateStore(folder);
  let puts = 0;
  const full: StateStore = {
    ...store,
    put(name, arrays) {
      if (++puts > 3) throw new RangeError('the disk is full');
      store.put(name, arrays);
    },
  };
  expect(() => gradientsOf(checkpointedBptt({ segment: 1, slow: { store: full } }))).toThrow('the disk is full');
  expect(readdirSync(folder)).toEqual([]);
  store.put('x', [{ dtype: 'f32', shape: [1], data: new Float32Array([NaN]) }]);
  expect(store.get('x')).toEqual([{ dtype: 'f32', shape: [1], data: new Float32Array([NaN]) }]);
  expect(() => store.put('x', [])).toThrow(ArgumentError);
  store.delete('x');
  store.delete('x');
  expect(() => store.get('x')).toThrow(/nothing was put under "x"/);
  expect(readdirSync(folder)).toEqual([]);
});
