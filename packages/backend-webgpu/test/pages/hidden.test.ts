import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBackend as createReference } from '@tempograd/backend-js';
import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { createServer } from 'vite';
import { expect, inject, onTestFinished, test } from 'vitest';
import { lossesOf } from '../support/lossesOf.js';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: string;
  }
}

/** Where this machine's Chromium is; empty where there is none. */
const executablePath = inject('chromium');

/** A Chromium as a person has it: Playwright's own makes every page think that it is seen. */
async function launch(): Promise<Browser> {
  const folder = await mkdtemp(join(tmpdir(), 'tempograd-hidden-'));
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = ['--headless', '--remote-debugging-port=0', '--enable-unsafe-webgpu', '--disable-dev-shm-usage'];
  const browser = spawn(executablePath, [...flags, ...root, `--user-data-dir=${folder}`, 'about:blank']);
  onTestFinished(async () => {
    const ended = new Promise((resolve) => browser.once('close', resolve));
    browser.kill();
    await ended;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  let said = '';
  for await (const part of browser.stderr) {
    said += String(part);
    const address = /DevTools listening on (\S+)/.exec(said)?.[1];
    if (address !== undefined) return chromium.connectOverCDP(address, { noDefaults: true });
  }
  throw new Error(`Chromium ended: ${said}`);
}

async function serveSite(): Promise<string> {
  const root = fileURLToPath(new URL('site', import.meta.url));
  const server = await createServer({ root, configFile: join(root, 'vite.config.js'), logLevel: 'error' });
  onTestFinished(() => server.close());
  await server.listen();
  return server.resolvedUrls?.local[0] ?? '';
}

test.skipIf(executablePath === '' && process.env.REQUIRE_BROWSER !== '1')(
  'a page goes on training while another tab is in front of it',
  async () => {
    if (executablePath === '') throw new Error('REQUIRE_BROWSER=1, and no Chromium was found; set CHROMIUM_PATH.');
    const site = await serveSite();
    const context = (await launch()).contexts()[0]!;
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(site);
    await page.waitForFunction(() => window.train !== undefined);
    await (await context.newPage()).bringToFront();
    await page.waitForFunction(() => document.hidden, null, { polling: 50 });
    const { losses, hidden, frames } = await page.evaluate((updates) => window.train!(updates), 10);
    expect({ hidden, frames }).toEqual({ hidden: [true, true], frames: 0 });
    const expected = await lossesOf(createReference(), 6, { updates: 10 });
    expect(losses).toHaveLength(10);
    for (const [index, loss] of losses.entries()) expect(loss).toBeCloseTo(expected[index]!, 4);
  },
);
