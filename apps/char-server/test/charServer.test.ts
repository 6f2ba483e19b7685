import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackend } from '@tempograd/backend-wasm';
import { disposeTree, keep, key, scope, useBackend, type Backend } from '@tempograd/core';
import { characterVocabulary, charModel, generate, predictor } from '@tempograd/nn';
import { saveModel } from '@tempograd/nn/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { charServer, type CharServer } from '../src/charServer.js';
import { openModel } from '../src/openModel.js';
import { Percentiles } from '../src/Percentiles.js';

const vocabulary = characterVocabulary('abcdefghij \né');
const limits = { clients: 50, prompt: 40, length: 400 };
let backend: Backend;
let folder = '';
let server: CharServer;
let url = '';

const model = charModel({ vocabulary: vocabulary.size, embedding: 8, hidden: 16 });
let params: ReturnType<typeof model.init>;

beforeAll(async () => {
  backend = await createBackend();
  useBackend(backend);
  params = scope(() => keep(model.init(key(1))));
  folder = await mkdtemp(join(tmpdir(), 'char-server-'));
  const file = join(folder, 'tiny.safetensors');
  await saveModel(file, { model, params, vocabulary });
  server = charServer(await openModel(file), limits);
  server.http.listen(0, '127.0.0.1');
  await once(server.http, 'listening');
  url = `http://127.0.0.1:${(server.http.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.http.close();
  server.http.closeAllConnections();
  await rm(folder, { recursive: true });
  backend.dispose?.();
});

/** A text that the library writes by itself. */
async function alone(prompt: string, length: number, seed: number): Promise<string> {
  let text = '';
  const settings = { vocabulary, prompt, length, temperature: 0.9, key: key(seed) };
  for await (const piece of generate(model, params, settings)) text += piece;
  return text;
}

const wish = (query: Readonly<Record<string, string | number>>): string =>
  `${url}/generate?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)])).toString()}`;

/** Until nothing is written any more. */
async function rest(): Promise<void> {
  while (server.clients > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('texts', () => {
  test('for fifty clients that come and go are what each would be alone', async () => {
    const before = backend.memory().buffers;
    const each = Array.from({ length: 50 }, async (_, seed) => {
      // Some come later, and one in five goes away in the middle.
      await new Promise((resolve) => setTimeout(resolve, (seed % 7) * 8));
      const prompt = 'abcdefghij'.slice(0, 1 + (seed % 10));
      const length = 20 + 2 * seed;
      const leave = new AbortController();
      const response = await fetch(wish({ prompt, length, temperature: 0.9, seed }), { signal: leave.signal });
      expect(response.headers.get('X-Seed')).toBe(String(seed));
      if (seed % 5 === 4) {
        await response.body?.getReader().read();
        leave.abort();
        return;
      }
      expect(await response.text()).toBe(await alone(prompt, length, seed));
    });
    await Promise.all(each);
    await rest();
    expect(backend.memory().buffers).toBeLessThanOrEqual(before);
    expect(server.total.finished + server.total.left).toBe(50);
    expect(server.total.left).toBeGreaterThan(0);
    expect(server.total.line(server.clients)).toMatch(
      /^0 clients · [\d,]+ characters\/s · .*per character [\d.]+ \/ [\d.]+ \/ [\d.]+ ms/,
    );
  });

  test('wait for a client that does not read, and hold up nobody else', async () => {
    const slow = await new Promise<IncomingMessage>((resolve) =>
      get(wish({ length: 400, seed: 1, prompt: 'a' }), resolve),
    );
    slow.pause();
    expect(await (await fetch(wish({ prompt: 'ab', length: 30, temperature: 0.9, seed: 2 }))).text()).toBe(
      await alone('ab', 30, 2),
    );
    slow.setEncoding('utf8');
    let text = '';
    for await (const piece of slow as AsyncIterable<string>) text += piece;
    expect(text).toHaveLength(400);
    await rest();
  });

  test('begin by themselves where there is no prompt, and end where they are told to', async () => {
    expect(await (await fetch(wish({ length: 20 }))).text()).toHaveLength(20);
    const whole = await (await fetch(wish({ length: 50, seed: 8, temperature: 1 }))).text();
    const stop = whole.slice(10, 13);
    expect(await (await fetch(wish({ length: 50, seed: 8, temperature: 1, stop }))).text()).toBe(
      whole.slice(0, whole.indexOf(stop)),
    );
    expect(await (await fetch(wish({ length: 0 }))).text()).toBe('');
  });

  test('are refused beyond the limit of clients, and given again after', async () => {
    const held = await Promise.all(
      Array.from({ length: limits.clients }, () => fetch(wish({ length: 400, prompt: 'a' }))),
    );
    const refused = await Promise.all(Array.from({ length: 20 }, () => fetch(wish({ length: 400, prompt: 'a' }))));
    const texts = await Promise.all(held.map((response) => response.text()));
    const busy = refused.filter(({ status }) => status === 503);
    // Those that were held may have ended before the last of them came.
    expect(busy.length).toBeGreaterThan(0);
    expect(busy[0]?.headers.get('Retry-After')).toBe('5');
    expect(new Set(texts.map(({ length }) => length))).toEqual(new Set([400]));
    await Promise.all(refused.map((response) => response.text()));
    await rest();
    expect((await fetch(wish({ length: 1 }))).status).toBe(200);
  });
});

describe('a request is refused in words', () => {
  test.each<[string, string, number, RegExp]>([
    ['a character that the model has not', '/generate?prompt=%C3%9F', 400, /"ß"/],
    ['a prompt that is too long', `/generate?prompt=${'a'.repeat(41)}`, 413, /41 characters; 40 are allowed/],
    ['a length that is too long', '/generate?length=401', 400, /400 is the most/],
    ['a length that is no number', '/generate?length=many', 400, /length must be a number, but is "many"/],
    ['a length below 0', '/generate?length=-1', 400, /length must be a whole number/],
    ['a temperature below 0', '/generate?temperature=-1', 400, /temperature/],
    ['a seed that is none', '/generate?seed=1.5', 400, /seed must be a whole number/],
    ['a name that is not known', '/generate?lenght=3', 400, /no parameter "lenght"/],
    ['another place', '/etc/passwd', 404, /no \/etc\/passwd here/],
    ['a path of nonsense', '//', 404, /there are \/ and \/generate/],
  ])('%s', async (_, path, status, message) => {
    const response = await fetch(url + path);
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(message);
  });

  test('anything but GET', async () => {
    const posted = request(url, { method: 'POST' }).end();
    const [response] = (await once(posted, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(405);
    response.resume();
  });
});

test('the page is there', async () => {
  const response = await fetch(url);
  expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
  expect(await response.text()).toContain('A model that writes');
});

describe('a model cannot be served', () => {
  test('that is not there, damaged, or does not write', async () => {
    await expect(openModel(join(folder, 'none'))).rejects.toThrow(/There is no model .*none\. `npm start` makes one/);
    const damaged = join(folder, 'damaged');
    await writeFile(damaged, 'no model');
    await expect(openModel(damaged)).rejects.toThrow(/damaged: This is not a whole safetensors file/);
    const mute = join(folder, 'mute');
    await saveModel(mute, { model, params });
    await expect(openModel(mute)).rejects.toThrow(/needs a vocabulary/);
  });
});

test('percentiles are within 1 % of those of the sorted list', () => {
  const durations = Array.from({ length: 5000 }, (_, index) => 0.01 * 1.002 ** ((index * 2741) % 5000));
  const percentiles = new Percentiles();
  durations.forEach((ms) => percentiles.add(ms));
  const sorted = durations.toSorted((a, b) => a - b);
  for (const share of [0.01, 0.5, 0.95, 0.99, 1])
    expect(percentiles.at(share) / (sorted[Math.ceil(share * 5000) - 1] as number)).toBeCloseTo(1, 1.7);
  expect(new Percentiles().toString()).toBe('–');
});

test('a predictor that fails in the middle ends its text alone', async () => {
  const broken = scope(() => keep(model.init(key(2))));
  const other = charServer(predictor(model, broken, { vocabulary }), limits);
  other.http.listen(0, '127.0.0.1');
  await once(other.http, 'listening');
  const { port } = other.http.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/generate?length=400&prompt=a`);
  disposeTree(broken);
  await expect(response.text()).rejects.toThrow(/terminated/);
  const after = await fetch(`http://127.0.0.1:${port}/`);
  expect(after.status).toBe(200);
  await after.text();
  other.http.close();
  other.http.closeAllConnections();
});
