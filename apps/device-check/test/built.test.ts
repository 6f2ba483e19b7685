import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: string;
  }
}

const root = fileURLToPath(new URL('..', import.meta.url));
/** Where this machine's Chromium is; empty where there is none. */
const executablePath = inject('chromium');
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe.skipIf(executablePath === '' && process.env.REQUIRE_BROWSER !== '1')('the built page in Chromium', () => {
  let browser: Browser;
  let server: PreviewServer;

  beforeAll(async () => {
    if (executablePath === '') throw new Error('REQUIRE_BROWSER=1, and no Chromium was found; set CHROMIUM_PATH.');
    // What is tested is what would be served, without what libraries have for developers.
    vi.stubEnv('NODE_ENV', 'production');
    await build({ root, logLevel: 'error' });
    server = await preview({ root, logLevel: 'error', preview: { port: 0 } });
    const args = ['--disable-dev-shm-usage', '--disable-background-networking', '--enable-unsafe-webgpu'];
    if (process.getuid?.() === 0) args.unshift('--no-sandbox');
    browser = await chromium.launch({ executablePath, args });
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await browser?.close();
    await server?.close();
  });

  /** The page on a phone, and what went wrong on it or was asked of others than its server. */
  async function openPage(query: string): Promise<{ readonly page: Page; readonly wrong: string[] }> {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    const address = server.resolvedUrls?.local[0] as string;
    const wrong: string[] = [];
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) wrong.push(request.url());
    });
    await page.goto(`${address}?${query}`);
    return { page, wrong };
  }

  const reach = (page: Page, phase: string): Promise<unknown> =>
    page.waitForSelector(`#page[data-phase="${phase}"]`, { timeout: 200_000 });

  async function download(page: Page, button: string): Promise<{ readonly name: string; readonly text: string }> {
    const [file] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
    return { name: file.suggestedFilename(), text: await readFile(await file.path(), 'utf8') };
  }

  test('finds its backends, with threads, checks them by an address, and hands out the report', async () => {
    const { page, wrong } = await openPage('backends=wasm,js&ops=matmul,lstm&start');
    await reach(page, 'done');
    const line = async (backend: string): Promise<string> =>
      (await page.locator(`[data-backend="${backend}"] .summary p`).innerText()).trim();
    for (const backend of ['wasm', 'js']) expect(await line(backend)).toBe('✓ All 4 cases pass.');
    for (const backend of ['tfjs-cpu', 'tfjs-wasm']) expect(await line(backend)).toBe('Left out');
    for (const backend of ['webgpu', 'tfjs-webgl', 'tfjs-webgpu'])
      expect(await line(backend)).toMatch(/^(Left out|Not here\. .+)$/);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

    const json = await download(page, '#save-json');
    expect(json.name).toMatch(/^tempograd-device-check-\d{4}-\d\d-\d\d-\d\d-\d\d\.json$/);
    const report = JSON.parse(json.text) as {
      readonly format: string;
      readonly comparison: { readonly conforms: boolean; readonly rows: readonly { readonly op: string }[] };
      readonly speeds: readonly { readonly backend: string; readonly median: number }[];
    };
    expect(report.format).toBe('tempograd device check');
    expect(report.comparison.conforms).toBe(true);
    expect(report.comparison.rows.map(({ op }) => op)).toEqual(['matmul', 'lstm']);
    expect(report.speeds).toHaveLength(4);

    const html = await download(page, '#save-html');
    expect(html.name).toMatch(/\.html$/);
    const shown = await browser.newPage();
    await shown.setContent(html.text);
    expect(await shown.locator('h1').innerText()).toBe('✓ All backends conform');
    expect(await shown.locator('h2').allInnerTexts()).toEqual(['Backends', 'Speed of training', 'Largest errors']);
    await shown.close();

    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.click('#copy');
    await page.waitForFunction(() => document.querySelector('.said')?.textContent === 'Copied.');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^# tempograd device check\n/);
    expect(wrong).toEqual([]);
    await page.close();
  });

  test('checks webgpu, or says what it lacks', async () => {
    const { page, wrong } = await openPage('backends=webgpu&ops=matmul,lstm&no-speed');
    await reach(page, 'ready');
    const line = page.locator('[data-backend="webgpu"] .summary p');
    if ((await line.innerText()) === 'Ready') {
      await page.click('#start');
      await reach(page, 'done');
      expect(await line.innerText()).toBe('✓ All 4 cases pass.');
    } else {
      expect(process.env.REQUIRE_WEBGPU).not.toBe('1');
      expect(await line.innerText()).toMatch(/^Not here\. \S.+\.$/);
    }
    expect(wrong).toEqual([]);
    await page.close();
  });

  test.each(['light', 'dark'] as const)('can be used by everyone, in %s, and fits a phone', async (colorScheme) => {
    const { page, wrong } = await openPage('backends=wasm,js&ops=flip,exp,lstm&no-speed&start');
    await page.emulateMedia({ colorScheme });
    await reach(page, 'done');
    await page.addScriptTag({ path: axe });
    const violations = async (): Promise<string[]> => {
      const results = await page.evaluate(() =>
        (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      );
      expect(results.passes.length).toBeGreaterThan(15);
      return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    };
    expect(await violations()).toEqual([]);
    await page.focus('.matrix button[tabindex="0"]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await page.locator('dialog h2').innerText()).toMatch(/ on wasm$/);
    expect(await violations()).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.locator('dialog').isVisible()).toBe(false);
    const { scrollWidth, clientWidth } = await page.evaluate(() => {
      const { scrollWidth: wide, clientWidth: seen } = document.documentElement;
      return { scrollWidth: wide, clientWidth: seen };
    });
    expect(scrollWidth).toBe(clientWidth);
    expect(wrong).toEqual([]);
    await page.close();
  });
});
