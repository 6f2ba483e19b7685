import { expect, test } from 'vitest';
import { quick, testFolder } from './support/folder.js';
import { eventsIn, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const tempograd = tempogradInOne(folder);
const settings = [...quick.slice(1), '--batch', '4', '--seed', '2'];

test('plan tells the memory that train plans with the same options, by part, beside other lengths; nothing is written', async () => {
  const { code, stdout } = await tempograd(['plan', ...settings, '--no-measure', '--json']);
  expect(code).toBe(0);
  const planned = eventsIn(stdout)[0];
  const trained = await tempograd(['train', ...settings, '--updates', '40', '--save', 'planned.safetensors', '--json']);
  const plan = eventsIn(trained.stdout).find(({ event }) => event === 'plan');
  const { chosen, others } = planned as unknown as Record<'chosen' | 'others', Compared & readonly Compared[]>;
  expect(chosen.memory.peakBytes).toBe(plan?.['plannedBytes']);
  const done = eventsIn(trained.stdout).find(({ event }) => event === 'done');
  expect(Math.abs(Number(done?.['peakBytes']) / chosen.memory.peakBytes - 1)).toBeLessThan(0.1);
  expect(Object.values(chosen.memory.parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(chosen.memory.peakBytes);
  expect(planned).toMatchObject({ backend: 'js', settings: { batch: 4, steps: 8 }, parameters: plan?.['parameters'] });
  expect(others.map(({ strategy }) => strategy)).toEqual([
    { updateEvery: 4, backwardSteps: 4 },
    { updateEvery: 16, backwardSteps: 16 },
    { updateEvery: 4, backwardSteps: 8 },
    { updateEvery: 8, backwardSteps: 16 },
    { updateEvery: 128, backwardSteps: 128 },
    { updateEvery: 128, backwardSteps: 128, checkpoints: {} },
  ]);
  const [long, checkpointed] = others.slice(-2) as [Compared, Compared];
  expect(checkpointed.memory.peakBytes).toBeLessThan(long.memory.peakBytes / 2);
});

interface Compared {
  readonly strategy: object;
  readonly memory: { readonly peakBytes: number; readonly parts: Readonly<Record<string, number>> };
}

test('plan shows memory by part and how long it takes, in 80 columns', async () => {
  const { code, stdout } = await tempograd(['plan', ...settings, '--updates', '50']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Plan of a training of a character model.*recurrence +[\d.]+ kB +gates and states/s);
  expect(stdout).toMatch(
    /time +[\d,]+ characters a second: 50 updates, [\d.]+\s+times\s+through\s+the\s+text,\s+in\s+about/,
  );
  expect(stdout).toMatch(/→ +8 +8 +[\d.]+ kB +[\d,]+ +(\d+|under 1) s\n/);
  expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
});

test('advise goes by a description, and tells its reasons', async () => {
  const { code, stdout } = await tempograd(['advise', '--task', 'timeSeries', '--length', '8760', '--horizon', '24']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/strategy +truncatedBptt\(\{ updateEvery: 24, backwardSteps: 48 \}\)\n/);
  expect(stdout).toMatch(/Because\n\n {2}· A forecast has to look back over its horizon, 24 steps/);
  expect(stdout).toMatch(/→ +windows of 48 steps, an update every 24 +5\n/);
  expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(80);
  const json = await tempograd(['advise', '--length', 'inf', '--any-order', '--json']);
  expect(eventsIn(json.stdout)[0]).toMatchObject({ event: 'advice', pooling: 'attention', measured: null });
});

test('advise measures on a text, and holds to a budget', async () => {
  const asked = ['advise', ...settings, '--length', '120', '--pilot', '3', '--json'];
  const advice = eventsIn((await tempograd(asked)).stdout)[0];
  expect(advice).toMatchObject({
    event: 'advice',
    batch: 4,
    choice: { name: 'truncatedBptt' },
    measured: { share: 0.95 },
  });
  const { cost, measured } = advice as unknown as { cost: Record<string, number>; measured: { byLag: number[] } };
  expect(cost).toMatchObject({
    bytes: expect.any(Number),
    secondsPerStep: expect.any(Number),
    keptShare: expect.any(Number),
  });
  expect(measured.byLag.length).toBe(120);
  const budget = Math.round((cost['bytes'] as number) / 1.3);
  const [held] = eventsIn((await tempograd([...asked, '--memory', `${budget}B`])).stdout);
  expect((held as unknown as { cost: { bytes: number } }).cost.bytes).toBeLessThanOrEqual(budget);
});

test('advise says what it measured on, and ends with the command that trains so', async () => {
  const asked = ['advise', ...settings, '--layers', '2', '--pilot', '3'];
  const { code, stdout } = await tempograd(asked);
  expect(code).toBe(0);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
    'on rhyme.txt, with an embedding of 32 and 2 layers of LSTM of 12, on js',
  );
  const [, steps] = /updateEvery: (\d+)/.exec(stdout) ?? [];
  const [, args = ''] = /To train so\n\n.* train (.*)$/s.exec(stdout) ?? [];
  const words = args.split(/\s+/).filter((word) => word !== '');
  expect(words).toEqual(
    `--text rhyme.txt --hidden 12 --layers 2 --batch 4 --steps ${steps} --seed 2 --backend js`.split(' '),
  );
  const trained = await tempograd(['train', ...words, '--updates', '1', '--save', 'advised.safetensors']);
  expect(trained.stderr).toBe('');
  expect(trained.stdout.replaceAll(/\s+/g, ' ')).toContain(`an update every ${steps} steps, ${steps} steps back`);
  const beyond = await tempograd([...asked, '--dependency', '60', '--json']);
  expect(eventsIn(beyond.stdout)[0]).toMatchObject({ initialisation: { chrono: 60 } });
  const told = await tempograd([...asked, '--dependency', '60']);
  expect(told.stdout).toMatch(/To train so\n\n {2}The command line trains in chunks alone, with the usual start/);
});
