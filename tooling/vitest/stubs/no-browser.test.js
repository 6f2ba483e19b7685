import { test } from 'vitest';

const required = process.env['REQUIRE_BROWSER'] === '1';

test.skipIf(!required)('browser tests need a Chromium: install one, or set CHROMIUM_PATH to it', () => {
  throw new Error('No Chromium was found, and REQUIRE_BROWSER=1 asks for one. Install chromium or set CHROMIUM_PATH.');
});
