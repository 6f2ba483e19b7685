import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { disposeTree, key, uniformValues } from '@tempograd/core';
import { afterAll, expect, test } from 'vitest';
import { checkpointInfo, fit, type Checkpoint } from '../../src/index.js';
import { fileCheckpointStore } from '../../src/node/index.js';
import { withFreshBackend } from '../support/close.js';
import { makeTraining } from './training.js';

withFreshBackend();

const folder = mkdtempSync(join(tmpdir(), 'killed '));
afterAll(() => rmSync(folder, { recursive: true }));

const here = (name: string): string => join(import.meta.dirname, name);

/** Trains in another process and kills it so many milliseconds after its second update. Gives what it told. */
async function trainAndKill(path: string, milliseconds: number): Promise<[update: number, loss: number][]> {
  const child = spawn(process.execPath, [here('child.js'), here('trainUntilKilled.ts'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: [number, number][] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [update, loss] = line.split(' ').map(Number) as [number, number];
    told.push([update, loss]);
    if (told.length === 2) setTimeout(() => child.kill('SIGKILL'), milliseconds);
  }
  expect(
    child.signalCode ?? (await new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))),
  ).toBe('SIGKILL');
  return told;
}

test(
  'killed at any moment of writing, the checkpoint is whole and training goes on from it bit for bit',
  {
    timeout: 120_000,
  },
  async () => {
    const path = join(folder, 'made for it', 'run.safetensors');
    const store = fileCheckpointStore(path);
    expect(await store.load()).toBeNull();
    const told = new Map<number, number>();
    let reached = 0;
    for (const moment of uniformValues(key(7), 4)) {
      for (const [update, loss] of await trainAndKill(path, 60 * moment)) {
        expect(told.get(update) ?? loss).toBe(loss);
        told.set(update, loss);
      }
      const { update } = checkpointInfo((await store.load()) as Checkpoint);
      expect(update).toBeGreaterThanOrEqual(reached + 2);
      reached = update;
    }
    const options = makeTraining();
    for await (const { update, loss } of fit({ ...options, updates: reached })) {
      expect(told.get(update) ?? loss, `the loss of update ${update}`).toBe(loss);
    }
    expect(told.size).toBeGreaterThanOrEqual(reached - 4);
    disposeTree(options.params);
  },
);
