import { afterEach, expect, test, vi } from 'vitest';
import { findChromium } from '../src/index.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('CHROMIUM_PATH goes before all other places', () => {
  vi.stubEnv('CHROMIUM_PATH', process.execPath);
  expect(findChromium()).toBe(process.execPath);
});

test('a CHROMIUM_PATH that names no file is an error', () => {
  vi.stubEnv('CHROMIUM_PATH', '/no/such/browser');
  expect(() => findChromium()).toThrow('CHROMIUM_PATH is "/no/such/browser", and there is no such file');
});
