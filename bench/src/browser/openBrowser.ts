import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumArguments, findChromium } from '@tempograd/vitest-config/chromium';
import { chromium, type Browser } from 'playwright';
import { build, preview } from 'vite';

/** A browser, and where in it the page of the benchmark is. */
export interface BenchBrowser {
  readonly browser: Browser;
  readonly address: string;
  close(): Promise<void>;
}

/** What makes a page cross-origin isolated, so that its clock is finer. */
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/**
 * Starts Chromium, and serves it the page, bundled.
 * @param extraArguments further command-line arguments of Chromium
 * @throws Error where there is no Chromium
 */
export async function openBrowser(extraArguments: readonly string[]): Promise<BenchBrowser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error('No Chromium was found: install one, or name it by CHROMIUM_PATH.');
  }
  const folder = mkdtempSync(join(tmpdir(), 'tempograd-bench-page-'));
  const root = fileURLToPath(new URL('../../page', import.meta.url));
  const shared = { root, configFile: false, logLevel: 'error' } as const;
  await build({ ...shared, build: { outDir: folder, target: 'esnext' } });
  const server = await preview({ ...shared, build: { outDir: folder }, preview: { port: 0, headers } });
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments(), ...extraArguments] });
  return {
    browser,
    address: server.resolvedUrls?.local[0] as string,
    async close() {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
