import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@tempograd/nn';
import { expect, test } from 'vitest';
import { quick, rhyme, testFolder } from './support/folder.js';
import { eventsIn, lossesIn, tempograd, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const inOne = tempogradInOne(folder);

test('a training shows its plan, learns, and saves a model that holds all it needs', async () => {
  const { code, stdout, stderr } = await tempograd(folder.path, [
    ...quick,
    '--updates',
    '150',
    '--save',
    'a/model.safetensors',
  ]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/text +rhyme\.txt: [\d,]+ characters, the last \d+ held out/);
  expect(stdout).toMatch(/LSTM of 12/);
  expect(stdout).toMatch(/an update every 8 steps, 8\s+steps back/);
  expect(stdout).toMatch(/held out +\d\.\d+ bits per character/);
  expect(stdout).not.toContain('\u001B');
  const { tensors, metadata } = readSafetensors(readFileSync(join(folder.path, 'a/model.safetensors')));
  expect([...tensors.keys()]).toContain('rnn.weight_hh_l0');
  expect(JSON.parse(metadata['config'] ?? '')).toMatchObject({ hidden: 12, cell: 'lstm' });
  const { characters } = JSON.parse(metadata['vocabulary'] ?? '') as { characters: string };
  expect([...characters]).toEqual([...new Set(rhyme)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!));
});

test('--json gives one object a line, and the loss falls', async () => {
  const { code, stdout } = await inOne([...quick, '--updates', '120', '--json', '--save', 'json.safetensors']);
  expect(code).toBe(0);
  const events = eventsIn(stdout);
  expect(events[0]).toMatchObject({ event: 'plan', updates: 120, backend: 'js', settings: { hidden: 12, steps: 8 } });
  expect(events.at(-1)).toMatchObject({ event: 'done', updates: 120, model: 'json.safetensors' });
  const losses = lossesIn(stdout);
  expect(losses).toHaveLength(120);
  const first = losses[0]?.[1] as number;
  const heldOut = events.at(-1)?.['heldOutBitsPerCharacter'] as number;
  // Before training it knows how often each character occurs, and no more.
  expect(Math.abs(first - entropyOf(rhyme))).toBeLessThan(0.5);
  expect(heldOut).toBeLessThan(first - 1);
  const healths = events.filter(({ event }) => event === 'health');
  expect(healths.map(({ update }) => update)).toEqual([20, 40, 60, 80, 100, 120]);
  expect(healths[0]).toMatchObject({ unseen: [], layers: [{ name: 'rnn.l0' }] });
  // Nothing is wrong with it.
  expect(events.filter(({ event }) => event === 'finding')).toEqual([]);
});

test('weights decay where that is asked for, also in a run that is gone on with', async () => {
  const args = [...quick, '--updates', '4', '--save', 'decay.safetensors'];
  const norm = (): number => {
    const { tensors } = readSafetensors(readFileSync(join(folder.path, 'decay.safetensors')));
    return Math.hypot(...[...tensors.values()].flatMap(({ data }) => Array.from(data)));
  };
  const without = await inOne(args);
  const all = norm();
  const { stdout } = await inOne([...args, '--weight-decay', '5']);
  const decayed = norm();
  expect(without.stdout).toMatch(/optimiser +Adam, learning rate/);
  expect(stdout).toMatch(/optimiser +AdamW, weight decay 5, learning rate/);
  expect(decayed).toBeLessThan(0.95 * all);
  const more = ['train', '--text', 'rhyme.txt', '--save', 'decay.safetensors', '--resume', '--updates', '4'];
  const resumed = await inOne(more);
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  expect(resumed.stdout).toMatch(/AdamW, weight decay 5/);
  expect(norm()).toBeLessThan(decayed);
});

test('a stopped training goes on with the losses it would have had, to the bit', async () => {
  const options = [...quick, '--updates', '200', '--dropout', '0.1', '--json'];
  const whole = await tempograd(folder.path, [...options, '--save', 'whole.safetensors']);
  let sent = false;
  const stopped = await tempograd(folder.path, [...options, '--save', 'part.safetensors'], (stdout, child) => {
    if (sent || !stdout.includes('"update":20,')) return;
    sent = true;
    child.kill('SIGINT');
  });
  expect(stopped.code).toBe(130);
  expect(eventsIn(stopped.stdout).at(-1)).toMatchObject({
    event: 'stopped',
    checkpoint: 'part.checkpoint.safetensors',
  });
  expect(existsSync(join(folder.path, 'part.safetensors'))).toBe(false);

  const resume = ['train', '--text', 'rhyme.txt', '--save', 'part.safetensors', '--resume', '--json'];
  const rest = await tempograd(folder.path, resume);
  expect(rest.code).toBe(0);
  expect(lossesIn(rest.stdout).length).toBeGreaterThan(0);
  const samples = [stopped, rest].map(({ stdout }) => eventsIn(stdout).find(({ event }) => event === 'milestone'));
  expect(samples[1]?.['sample']).not.toBe(samples[0]?.['sample']);
  expect([...lossesIn(stopped.stdout), ...lossesIn(rest.stdout)]).toEqual(lossesIn(whole.stdout));
  expect(readFileSync(join(folder.path, 'part.safetensors'))).toEqual(
    readFileSync(join(folder.path, 'whole.safetensors')),
  );

  const longer = await tempograd(folder.path, [...resume, '--updates', '10']);
  expect(longer.code).toBe(0);
  expect(lossesIn(longer.stdout).map(([update]) => update)).toEqual([201, 202, 203, 204, 205, 206, 207, 208, 209, 210]);
});

test('a complete training whose model is missing is resumed to write it, and then to train for longer', async () => {
  const files = ['--save', 'late.safetensors', '--json'];
  const model = join(folder.path, 'late.safetensors');
  await inOne([...quick, '--updates', '30', ...files]);
  const written = readFileSync(model);
  rmSync(model);
  const late = await inOne(['train', '--text', 'rhyme.txt', '--resume', ...files]);
  expect({ code: late.code, losses: lossesIn(late.stdout) }).toEqual({ code: 0, losses: [] });
  expect(readFileSync(model)).toEqual(written);
  rmSync(model);
  const forPeople = await inOne(['train', '--text', 'rhyme.txt', '--resume', '--save', 'late.safetensors']);
  expect(forPeople.stdout).toContain(
    'Going on with the training of a character model: nothing is left to train, its model is written',
  );
  const longer = await inOne(['train', '--text', 'rhyme.txt', '--resume', '--updates', '5', ...files]);
  expect(longer.code).toBe(0);
  expect(lossesIn(longer.stdout)[0]?.[0]).toBe(31);
});

test('Ctrl-C says how to go on', async () => {
  const endless = [...quick, '--updates', '1000000', '--save', 'endless.safetensors'];
  let sent = false;
  const once = await tempograd(folder.path, endless, (stdout, child) => {
    if (sent || !stdout.includes('update 1 of')) return;
    sent = true;
    child.kill('SIGINT');
  });
  expect(once.code).toBe(130);
  expect(once.stdout).toMatch(
    /kept in\s+endless\.checkpoint\.safetensors\nGo on.*\n\n.*train --resume --text rhyme\.txt --save endless\.safetensors/,
  );
});

test('the length follows from the time asked for', async () => {
  const { code, stdout } = await inOne([...quick, '--minutes', '0.02', '--json']);
  expect(code).toBe(0);
  const plan = eventsIn(stdout).find(({ event }) => event === 'plan');
  expect(plan?.['speed']).toBeGreaterThan(0);
  expect(plan?.['updates']).toBeGreaterThanOrEqual(20);
  expect(lossesIn(stdout)).toHaveLength(plan?.['updates'] as number);
});

/** Bits per character of a text whose characters are drawn one by one. */
function entropyOf(text: string): number {
  const characters = [...text];
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / characters.length) * Math.log2(count / characters.length),
    0,
  );
}
