import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser } from 'playwright';
import { build, preview, type PreviewServer } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    chromium: string;
  }
}

const root = fileURLToPath(new URL('..', import.meta.url));
/** Where this machine's Chromium is; empty where there is none. */
const executablePath = inject('chromium');

describe.skipIf(executablePath === '' && process.env.REQUIRE_BROWSER !== '1')('the built page in Chromium', () => {
  let browser: Browser;
  let server: PreviewServer;

  beforeAll(async () => {
    if (executablePath === '') throw new Error('REQUIRE_BROWSER=1, and no Chromium was found; set CHROMIUM_PATH.');
    await build({ root, logLevel: 'error' });
    server = await preview({ root, logLevel: 'error', preview: { port: 0 } });
    const args = ['--disable-dev-shm-usage', '--disable-background-networking', '--enable-unsafe-swiftshader'];
    if (process.getuid?.() === 0) args.unshift('--no-sandbox');
    browser = await chromium.launch({ executablePath, args });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test('the recurrent model learns what the window cannot, on WebGL, and leaves nothing in tfjs', async () => {
    const page = await browser.newPage({ viewport: { width: 1000, height: 760 } });
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${server.resolvedUrls?.local[0]}?updates=40`);
    const done = page.waitForSelector('body[data-state="done"]', { timeout: 220_000 });
    await done.catch((cause: unknown) => {
      throw new Error(`the page did not finish; it logged: ${errors.join('; ') || 'nothing'}`, { cause });
    });
    const number = async (id: string): Promise<number> => Number(await page.textContent(`#${id}`));
    const [window, recurrent] = [await number('window-loss'), await number('recurrent-loss')];
    expect(await page.textContent('#status')).toBe('Trained on tfjs-webgl. Tensors in tfjs beside what was there: 0.');
    expect(recurrent).toBeLessThan(window / 2);
    expect(errors).toEqual([]);
    await mkdir(`${root}/test-results`, { recursive: true });
    await page.screenshot({ path: `${root}/test-results/page.png` });
    await page.close();
  });
});
