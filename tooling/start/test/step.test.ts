import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { step, StepFailed } from '../src/step.js';

let written = '';

beforeEach(() => {
  written = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

const run = (title: string, script: string): Promise<void> => step(title, process.execPath, ['-e', script]);

test('a step that succeeds writes one line with its time, and nothing of what the command says', async () => {
  await run('Working', 'console.log("chatter")');
  expect(written).toMatch(/^Working … \d+\.\d s\n$/);
});

test('a step that fails gives all the command said', async () => {
  const failing = run('Working', 'console.log("what went wrong"); process.exit(3)');
  await expect(failing).rejects.toThrow(StepFailed);
  await expect(failing).rejects.toThrow('what went wrong\n\nWorking failed (exit code 3).');
  await expect(failing).rejects.not.toThrow('network');
});

test('a step that fails for want of a network says so', async () => {
  const failing = run('Fetching', 'console.log("request failed, reason: getaddrinfo ENOTFOUND host"); process.exit(1)');
  await expect(failing).rejects.toThrow('The network could not be reached. The first run downloads what it needs');
});
