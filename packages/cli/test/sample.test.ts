import { beforeAll, expect, test } from 'vitest';
import { quick, testFolder } from './support/folder.js';
import { eventsIn, tempograd } from './support/tempograd.js';

const folder = testFolder();

beforeAll(async () => {
  await tempograd(folder.path, [...quick, '--updates', '30', '--save', 'model.safetensors']);
});

test('the same seed writes the same text, as long as asked for, after the prompt', async () => {
  const args = [
    'sample',
    'model.safetensors',
    '--prompt',
    'The 🐋',
    '--length',
    '40',
    '--seed',
    '7',
    '--backend',
    'js',
  ];
  const [first, second] = [await tempograd(folder.path, args), await tempograd(folder.path, args)];
  expect(first.code).toBe(0);
  expect(first.stdout.startsWith('The 🐋')).toBe(true);
  expect([...first.stdout]).toHaveLength(5 + 40 + 1);
  expect(second.stdout).toBe(first.stdout);
});

test('--json gives the text with its settings', async () => {
  const { code, stdout } = await tempograd(folder.path, [
    'sample',
    'model.safetensors',
    '-n',
    '5',
    '-t',
    '0',
    '--json',
  ]);
  expect(code).toBe(0);
  const [result] = eventsIn(stdout) as unknown as [{ text: string }];
  expect(result).toMatchObject({ model: 'model.safetensors', length: 5, temperature: 0, prompt: '' });
  expect([...result.text]).toHaveLength(5);
});

test('a reader that stops early is no error', async () => {
  const { code, stderr } = await tempograd(folder.path, ['sample', 'model.safetensors', '-n', '100000'], (_, child) =>
    child.stdout.destroy(),
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});
