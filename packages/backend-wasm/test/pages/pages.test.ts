import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright';
import { build, createServer } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { isolation, serve } from './serve.js';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: string;
  }
}

const packages = fileURLToPath(new URL('../../..', import.meta.url));
/** Where this machine's Chromium is; empty where there is none. */
const executablePath = inject('chromium');
const threads = Math.min(8, availableParallelism());

/** Bare specifiers as a page without a bundler resolves them. */
const imports = {
  '@tempograd/backend-wasm': '/node_modules/@tempograd/backend-wasm/dist/index.js',
  '@tempograd/core/backend': '/node_modules/@tempograd/core/dist/backend/index.js',
};
const importMap = JSON.stringify({ imports });
const strictPolicy = [
  "default-src 'none'",
  `script-src 'self' 'wasm-unsafe-eval' 'sha256-${createHash('sha256').update(importMap).digest('base64')}'`,
  "worker-src 'self'",
].join('; ');

/** Puts the import map where a page without a bundler has it. */
function withImportMap(text: string, path: string): string {
  return path.endsWith('.html')
    ? text.replace('</title>', `</title><script type="importmap">${importMap}</script>`)
    : text;
}

/** Resolves bare specifiers in the text, as a CDN of modules does; import maps do not reach into workers. */
function resolved(text: string, path: string): string {
  if (!path.endsWith('.js')) return text;
  return Object.entries(imports).reduce((result, [from, to]) => result.replaceAll(`'${from}'`, `'${to}'`), text);
}

describe.skipIf(executablePath === '' && process.env.REQUIRE_BROWSER !== '1')('a page in Chromium', () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    if (executablePath === '') throw new Error('REQUIRE_BROWSER=1, and no Chromium was found; set CHROMIUM_PATH.');
    // As npm would install it: outside the workspace, with real folders.
    folder = await mkdtemp(join(tmpdir(), 'tempograd pages '));
    await cp(fileURLToPath(new URL('site', import.meta.url)), folder, { recursive: true });
    for (const name of ['core', 'backend-wasm']) {
      for (const part of ['package.json', 'dist']) {
        await cp(join(packages, name, part), join(folder, 'node_modules/@tempograd', name, part), { recursive: true });
      }
    }
    const args = ['--disable-dev-shm-usage', '--disable-background-networking'];
    if (process.getuid?.() === 0) args.unshift('--no-sandbox');
    browser = await chromium.launch({ executablePath, args });
  });

  afterAll(async () => {
    await browser?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  /** What the page at `url` reports; anything it logs as an error is thrown. */
  async function visit(url: string): Promise<unknown> {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('favicon')) errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(url);
    try {
      await page.waitForFunction(() => document.querySelector('output')?.textContent, undefined, { timeout: 200_000 });
    } catch (error) {
      throw new Error(`the page shows nothing; it logged: ${errors.join('; ')}`, { cause: error });
    }
    const text = await page.textContent('output');
    await page.close();
    return JSON.parse(text ?? '');
  }

  const isolated = { correct: true, build: 'relaxed', threads, reason: expect.stringMatching(/the machine runs/) };
  const alone = {
    correct: true,
    build: 'relaxed',
    threads: 1,
    reason: expect.stringMatching(/not cross-origin isolated/),
  };

  test('with a plain script, isolated', async () => {
    const server = await serve(folder, isolation, withImportMap);
    expect(await visit(server.url)).toEqual(isolated);
    server.close();
  });

  test('with a plain script, not isolated', async () => {
    const server = await serve(folder, {}, withImportMap);
    expect(await visit(server.url)).toEqual(alone);
    server.close();
  });

  test('under a strict content security policy that allows wasm-unsafe-eval', async () => {
    const server = await serve(folder, { ...isolation, 'Content-Security-Policy': strictPolicy }, withImportMap);
    expect(await visit(server.url)).toEqual(isolated);
    server.close();
  });

  test('in a web worker, with modules as a CDN serves them', async () => {
    const server = await serve(folder, isolation, resolved);
    expect(await visit(`${server.url}?worker`)).toEqual(isolated);
    server.close();
  });

  test('built by Vite without settings, in the page and in a web worker', async () => {
    await build({ root: folder, configFile: false, logLevel: 'error' });
    const server = await serve(join(folder, 'dist'), isolation);
    expect(await visit(server.url)).toEqual(isolated);
    expect(await visit(`${server.url}?worker`)).toEqual(isolated);
    server.close();
  });

  test("on Vite's development server without settings, in the page and in a web worker", async () => {
    const server = await createServer({
      root: folder,
      configFile: false,
      logLevel: 'error',
      server: { headers: isolation, host: '127.0.0.1', port: 0 },
    });
    await server.listen();
    const [url] = server.resolvedUrls!.local;
    expect(await visit(url!)).toEqual(isolated);
    expect(await visit(`${url!}?worker`)).toEqual(isolated);
    await server.close();
  });
});
