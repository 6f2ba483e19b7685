import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { disposeTree, key, uniformValues } from '@tempograd/core';
import { programsOf } from '@tempograd/vitest-config/programs';
import { afterAll, expect, test } from 'vitest';
import { checkpointInfo, fit, type Checkpoint } from '../../src/index.js';
import { fileCheckpointStore } from '../../src/node/index.js';
import { withFreshBackend } from '../support/close.js';
import { makeTraining } from './training.js';

withFreshBackend();

const folder = mkdtempSync(join(tmpdir(), 'killed '));
afterAll(() => rmSync(folder, { recursive: true }));

const program = programsOf(import.meta.dirname, ['writeUntilKilled', 'writeOnce', 'trainUntilKilled']);

/** Runs a program, and kills it so many milliseconds after its second line. Gives the lines. */
async function runAndKill(name: string, path: string, milliseconds: number): Promise<string[]> {
  const child = spawn(process.execPath, [program(name), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === 2) setTimeout(() => child.kill('SIGKILL'), milliseconds);
  }
  expect(await ended).toBe('SIGKILL');
  return lines;
}

test('a file is whole at any moment, also when its writer is killed', async () => {
  const path = join(folder, 'large');
  for (const moment of uniformValues(key(8), 3)) {
    await runAndKill('writeUntilKilled', path, 40 * moment);
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(2e7);
    expect(bytes.equals(Buffer.alloc(bytes.length, bytes[0]))).toBe(true);
  }
});

const unfinishedIn = (path: string): string[] => readdirSync(path).filter((name) => name.endsWith('.unfinished'));

test.runIf(process.platform !== 'win32')(
  'what a killed writer left is removed by the next, and what a living one is at is not',
  async () => {
    const place = join(folder, 'left');
    const child = spawn(process.execPath, [program('writeUntilKilled'), join(place, 'large')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    do {
      child.kill('SIGCONT');
      await sleep(5);
      child.kill('SIGSTOP');
      await sleep(50);
    } while (unfinishedIn(place).length === 0);
    const left = unfinishedIn(place);
    const writeElsewhere = (): unknown =>
      spawnSync(process.execPath, [program('writeOnce'), join(place, 'small')], { stdio: 'inherit' });
    writeElsewhere();
    expect(unfinishedIn(place)).toEqual(left);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(unfinishedIn(place)).toEqual(left);
    writeElsewhere();
    expect(readdirSync(place).sort()).toEqual(['large', 'small']);
  },
);

test(
  'training that was killed goes on from its checkpoint bit for bit',
  {
    timeout: 120_000,
  },
  async () => {
    const path = join(folder, 'made for it', 'run.safetensors');
    const store = fileCheckpointStore(path);
    expect(await store.load()).toBeNull();
    const told = new Map<number, number>();
    let reached = 0;
    for (const moment of uniformValues(key(7), 2)) {
      for (const line of await runAndKill('trainUntilKilled', path, 60 * moment)) {
        const [update, loss] = line.split(' ').map(Number) as [number, number];
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
    expect(told.size).toBeGreaterThanOrEqual(reached - 2);
    disposeTree(options.params);
  },
);
