import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createBackend } from '@tempograd/backend-wasm';
import { key, useBackend } from '@tempograd/core';
import { characterVocabulary, charModel } from '@tempograd/nn';
import { saveModel } from '@tempograd/nn/node';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What `npm run char-server` runs once it has built it. */
const program = join(import.meta.dirname, '../dist/main.js');

let folder = '';
beforeAll(async () => {
  useBackend(await createBackend());
  folder = await mkdtemp(join(tmpdir(), 'char-server '));
  const vocabulary = characterVocabulary('abc \n');
  const model = charModel({ vocabulary: vocabulary.size, embedding: 4, hidden: 8 });
  await saveModel(join(folder, 'moby-dick.safetensors'), { model, params: model.init(key(1)), vocabulary });
});
afterAll(() => rm(folder, { recursive: true }));

test('serves the model in this folder until it is interrupted', async () => {
  const child = spawn(process.execPath, [program, '--port', '0'], { cwd: folder });
  const ended = once(child, 'exit');
  try {
    let url: string | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      url = /http:\/\/[\w.]+:\d+/.exec(line)?.[0];
      if (url !== undefined) break;
    }
    const text = await (await fetch(`${url}/generate?prompt=ab&length=30&seed=3`)).text();
    expect([...text]).toHaveLength(30);
    expect(await (await fetch(`${url}/`)).text()).toContain('<!doctype html>');
  } finally {
    child.kill('SIGINT');
  }
  expect((await ended)[0]).toBe(0);
});

test('says where a model comes from when there is none', async () => {
  const child = spawn(process.execPath, [program, '--model', 'none.safetensors'], { cwd: folder });
  let told = '';
  child.stderr.on('data', (data: Buffer) => (told += data.toString()));
  expect((await once(child, 'exit'))[0]).toBe(1);
  expect(told).toMatch(/npm start/);
});
