import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { programsOf } from '@tempograd/vitest-config/programs';
import { afterAll, describe, expect, test } from 'vitest';
import { FileLockedError, lockFile, type LockHolder } from '../../src/node/index.js';

const folder = mkdtempSync(join(tmpdir(), 'locked '));
afterAll(() => rmSync(folder, { recursive: true }));

const program = programsOf(import.meta.dirname, ['holdLock']);

/** Another process that holds a file. */
async function holder(path: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program('holdLock'), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** Puts a lock there that another process wrote so many seconds ago. */
function put(path: string, text: string, secondsAgo: number): void {
  writeFileSync(`${path}.lock`, text);
  const time = Date.now() / 1000 - secondsAgo;
  utimesSync(`${path}.lock`, time, time);
}

const elsewhere: LockHolder = {
  space: '00000000',
  pid: 1,
  born: '7',
  host: 'another',
  since: '2026-01-01T00:00:00.000Z',
};

test('a file is held by one process, until it gives it up', async () => {
  const path = join(folder, 'new folder', 'run');
  const lock = await lockFile(path);
  await expect(lockFile(path)).rejects.toThrow(FileLockedError);
  lock.release();
  (await lockFile(path)).release();
  expect(readdirSync(join(folder, 'new folder'))).toEqual([]);
});

test('of many that ask at once one gets it, also where a dead one held it before', async () => {
  const path = join(folder, 'contended');
  for (const stale of [false, true]) {
    if (stale) put(path, JSON.stringify(elsewhere), 1000);
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockFile(path)));
    const got = asked.filter((each) => each.status === 'fulfilled');
    expect(got).toHaveLength(1);
    got[0]?.value.release();
  }
});

test('another process is named as the holder, and loses the file by force alone', async () => {
  const path = join(folder, 'forced');
  const child = await holder(path);
  const error = await lockFile(path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ path, holder: { pid: child.pid, host: hostname() } });
  expect((error as Error).message).toMatch(
    /forced is held by another process: number \d+ on .*, since 20.*force: true/,
  );
  const lock = await lockFile(path, { force: true });
  // It ends, and leaves the lock that is not its own any more.
  child.stdin?.end();
  await once(child, 'exit');
  await expect(lockFile(path)).rejects.toThrow(FileLockedError);
  lock.release();
  expect(existsSync(`${path}.lock`)).toBe(false);
});

test('a process that ends gives the file up; one that was killed is noticed', async () => {
  const path = join(folder, 'ended');
  const ended = await holder(path);
  ended.stdin?.end();
  await once(ended, 'exit');
  expect(existsSync(`${path}.lock`)).toBe(false);
  const killed = await holder(path);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(existsSync(`${path}.lock`)).toBe(true);
  (await lockFile(path)).release();
});

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('a process that has the number of the holder is not taken for it', async () => {
    const path = join(folder, 'recycled');
    const lock = await lockFile(path);
    const text = readFileSync(`${path}.lock`, 'utf8');
    lock.release();
    put(path, text, 0);
    await expect(lockFile(path)).rejects.toThrow(FileLockedError);
    put(path, JSON.stringify({ ...(JSON.parse(text) as LockHolder), born: '1' }), 0);
    (await lockFile(path)).release();
  });
});

test.each([
  ['a holder elsewhere that showed itself a minute ago', JSON.stringify(elsewhere), 60, false],
  ['a holder elsewhere that has been silent for long', JSON.stringify(elsewhere), 600, true],
  ['a lock without a text, just made', '', 0, false],
  ['a lock without a text, of before', '', 60, true],
  ['a lock that is damaged', '{"pid":-1}', 60, true],
])('%s', async (_, text, secondsAgo, free) => {
  const path = join(folder, 'elsewhere');
  put(path, text, secondsAgo);
  if (free) (await lockFile(path)).release();
  else {
    await expect(lockFile(path)).rejects.toThrow(FileLockedError);
    (await lockFile(path, { force: true })).release();
  }
  expect(existsSync(`${path}.lock`)).toBe(false);
});
