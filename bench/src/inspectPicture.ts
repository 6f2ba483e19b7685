// Takes the picture of the beginning of a page of `tempograd inspect` for the documents:
// `npm run in -- bench inspect-picture PAGE.html`, its path from the root of the repository: the page of a model that `npm start` trained.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumArguments, findChromium } from '@tempograd/vitest-config/chromium';
import { chromium } from 'playwright';

const root = join(import.meta.dirname, '../..');
const file = join(root, 'docs/images/inspect.png');
const size = { width: 1000, height: 1330 };

const [given] = process.argv.slice(2);
const page = given === undefined ? null : resolve(root, given);
if (page === null || !existsSync(page)) {
  console.error(
    'Give the page that `tempograd inspect MODEL` has written: npm run in -- bench inspect-picture PAGE.html',
  );
  process.exitCode = 1;
} else {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium was found: install one, or name it by CHROMIUM_PATH.');
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments()] });
  try {
    const tab = await browser.newPage({ viewport: size, colorScheme: 'light' });
    await tab.goto(pathToFileURL(page).href);
    await tab.screenshot({ path: file });
    console.log(`written: ${file}`);
  } finally {
    await browser.close();
  }
}
