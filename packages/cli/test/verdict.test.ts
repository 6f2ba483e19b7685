import { join } from 'node:path';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { verdictOn } from '../src/training/verdict.js';
import { quick, testFolder } from './support/folder.js';
import { eventsIn, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const tempograd = tempogradInOne(folder);

test.each([
  [2, 1.8, 'learnt'],
  [6.05, 6.05, 'learnt'],
  [7, 2, 'by heart'],
  [7, 7, 'diverged'],
  [39_000, 2, 'diverged'],
  [7, NaN, 'by heart'],
  [Infinity, 2, 'diverged'],
  [NaN, 2, 'diverged'],
])('%d bits on held-out text and %d on its own, where guessing takes 6, are: %s', (heldOut, recent, verdict) => {
  expect(verdictOn({ heldOutBitsPerItem: heldOut, recentBitsPerItem: recent, uniformBitsPerItem: 6 })).toBe(verdict);
});

test('a training that diverges leaves the model of before as it was', async () => {
  expect((await tempograd([...quick, '--save', 'good.safetensors', '--updates', '5'])).code).toBe(0);
  const before = readFileSync(join(folder.path, 'good.safetensors'));
  const { code, stderr } = await tempograd([
    ...quick,
    '--save',
    'good.safetensors',
    '--learning-rate',
    '1000',
    '--updates',
    '30',
  ]);
  expect(code).toBe(1);
  expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(
    /What is in good\.diverged\.safetensors is of no use, and good\.safetensors is as it was before/,
  );
  expect(readFileSync(join(folder.path, 'good.safetensors')).equals(before)).toBe(true);
  expect(existsSync(join(folder.path, 'good.diverged.safetensors'))).toBe(true);
});

describe('a learning rate that is too high', () => {
  const run = (...more: string[]) => tempograd([...quick, '--save', 'wild.safetensors', ...more]);

  test('is told when the training ends with a model that is worse than guessing', async () => {
    const { code, stdout, stderr } = await run('--learning-rate', '1000', '--updates', '30', '--json');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /has diverged: the model has learnt nothing\. On held-out text it takes [\d,.]+ bits .* guessing evenly takes 4\.\d+\. What is in wild\.safetensors is of no use: begin anew, .*lower --learning-rate/,
    );
    const done = eventsIn(stdout).find(({ event }) => event === 'done');
    expect(done).toMatchObject({ verdict: 'diverged', model: 'wild.safetensors' });
    expect(done?.['heldOutBitsPerItem']).toBeGreaterThan(10 * Number(done?.['uniformBitsPerItem']));
    const people = await run('--learning-rate', '1000', '--updates', '30');
    expect(people.stdout).toContain('Ended, having learnt nothing.');
    expect(people.stdout).not.toContain('Trained.');
  });

  test('ends the training when loss or parameters are not finite, and no checkpoint is said to be where there is none', async () => {
    for (const updates of ['1', '10', '100']) {
      const { code, stdout, stderr } = await run(
        '--learning-rate',
        '1e38',
        '--updates',
        updates,
        '--save',
        `${updates}.safetensors`,
      );
      expect(code, stderr).toBe(1);
      expect(stdout).not.toContain('Trained.');
      expect(stderr).toMatch(/diverged/);
      expect(stderr).not.toMatch(/intact|to begin with|fault of tempograd/);
      const kept = existsSync(join(folder.path, `${updates}.checkpoint.safetensors`));
      expect(stderr.includes('is whole and holds the training')).toBe(kept && updates !== '1');
    }
  });
});

test('so is a decay that takes more of each weight than there is, also where no text can be written any more', async () => {
  for (const [decay, updates] of [
    ['1000', '5'],
    ['1e38', '1'],
    ['1e38', '20'],
  ] as const) {
    const { code, stderr } = await tempograd([
      ...quick,
      '--weight-decay',
      decay,
      '--learning-rate',
      '0.1',
      '--updates',
      updates,
      '--save',
      `decayed-${decay}-${updates}.safetensors`,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/diverged/);
    expect(stderr).toMatch(/with a lower --weight-decay or --learning-rate\.\s*$/);
    expect(stderr).not.toMatch(/could not be read/);
  }
});
