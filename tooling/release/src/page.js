import { chromium } from 'playwright';
import { build, createServer, preview } from 'vite';
import { chromiumArguments, findChromium } from '@tempograd/vitest-config/chromium';

/**
 * Opens a project's page in Chromium, as Vite serves it, and waits until it has trained.
 *
 * @param {string} project
 * @param {'built' | 'development'} how built, or on the development server
 * @returns {Promise<string>} what the page shows in the end
 * @throws {Error} with the errors of the page, if it does not come to its end
 */
export async function openPage(project, how) {
  const shared = { root: project, logLevel: /** @type {const} */ ('error'), configFile: /** @type {const} */ (false) };
  const modern = /** @type {const} */ ({ target: 'es2022' });
  if (how === 'built') await build({ ...shared, build: modern });
  const server =
    how === 'built'
      ? await preview({ ...shared, preview: { port: 0 } })
      : await (await createServer({ ...shared, server: { port: 0 } })).listen();
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium was found; set CHROMIUM_PATH.');
  const browser = await chromium.launch({ executablePath, args: chromiumArguments() });
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith('http') && !['localhost', '127.0.0.1'].includes(hostname))
        errors.push(`It asked ${hostname}.`);
    });
    await page.goto(server.resolvedUrls?.local[0] ?? '');
    await page.waitForSelector('body[data-state="done"]', { timeout: 60_000 }).catch((cause) => {
      throw new Error(`The ${how} page did not come to its end; it said: ${errors.join('; ') || 'nothing'}`, { cause });
    });
    if (errors.length > 0) throw new Error(`The ${how} page said: ${errors.join('; ')}`);
    return (await page.textContent('body')) ?? '';
  } finally {
    await browser.close();
    await server.close();
  }
}
