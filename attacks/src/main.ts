import { SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { allAttacks } from './command/attacks.js';
import { runAttacks, type Order } from './command/runAttacks.js';
import { kernelMachines } from './kernels/attackKernels.js';
import { disposePlaces, tfjsPlace, wasmPlace, wasmPlaces } from './places.js';

type Count = number | true | undefined;

interface Options {
  readonly programs: Count;
  readonly shapes: Count;
  readonly kernels: Count;
  readonly texts: Count;
  readonly streams: Count;
  readonly files: Count;
  readonly commands: Count;
  readonly kills: Count;
  readonly minutes?: number;
  readonly seed: number;
  readonly from: number;
}

const whole =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
    return value;
  };
const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
};

const options = new Command('attack')
  .description(
    'Attacks the library: what is chosen, or all of it, part by part in turns. Without numbers it goes on for --minutes. ' +
      'Fails when anything is not as it must be, and says how to see it again.',
  )
  .option('--programs [n]', 'random programs on every backend, against exact derivatives', whole(1))
  .option('--shapes [n]', 'recurrent layers of random shapes, and random truncations, on every backend', whole(1))
  .option('--kernels [n]', 'calls of the kernels with random sizes, strides and addresses, in every build', whole(1))
  .option('--texts [n]', 'texts of anything, by characters, words and bytes', whole(1))
  .option('--streams [n]', 'streams of predictors of random models, together and alone', whole(1))
  .option('--files [n]', 'damaged files, read by the library', whole(1))
  .option('--commands [n]', 'damaged files, given to the command line', whole(1))
  .option('--kills [n]', 'trainings of the command line killed at any moment and resumed', whole(1))
  .option(
    '--minutes <m>',
    'begin nothing more after so many minutes (default: 2, or none where all have numbers)',
    positive,
  )
  .option('--seed <s>', 'what the random numbers come from', whole(0), 1)
  .option('--from <i>', 'number of the first one, to repeat one alone', whole(0), 0)
  .parse()
  .opts<Options>();

const simd = await wasmPlaces();
const threaded = [await wasmPlace('simd', 2), await wasmPlace('simd', 3)];
const tfjs = await tfjsPlace();
const attacks = allAttacks(options.seed, {
  programs: [...simd, threaded[0]!, tfjs],
  shapes: [...simd, ...threaded],
  kernels: await kernelMachines(),
});
const countOf = (name: string): Count => (options as unknown as Readonly<Record<string, Count>>)[name];
const chosen = attacks.filter(({ name }) => countOf(name) !== undefined);
const orders = (chosen.length === 0 ? attacks : chosen).map((attack): Order => {
  const count = countOf(attack.name);
  return { attack, count: typeof count === 'number' ? count : Infinity };
});
const total = orders.reduce((sum, { count }) => sum + count, 0);
const minutes = options.minutes ?? (Number.isFinite(total) ? Infinity : 2);

console.log(`seed ${options.seed}${Number.isFinite(minutes) ? `, for ${minutes} minutes` : ''}`);
for (const { attack, count } of orders)
  console.log(`  ${Number.isFinite(count) ? `${count} ` : ''}${attack.name}: ${attack.does}`);

const begin = performance.now();
const share = (done: number): number =>
  Math.max(Number.isFinite(total) ? done / total : 0, (performance.now() - begin) / 60_000 / minutes);
// A bar on a terminal; elsewhere a line every ten seconds.
const bar = new SingleBar({ format: '{bar} {percentage}% {text}', noTTYOutput: true, notTTYSchedule: 10_000 });
const failed: string[] = [];
bar.start(1, 0, { text: '' });
const outcomes = await runAttacks(orders, {
  from: options.from,
  milliseconds: minutes * 60_000,
  onProgress: (all) => {
    const text = all.map(({ name, done }) => `${done} ${name}`).join(', ');
    bar.update(Math.min(share(all.reduce((sum, { done }) => sum + done, 0)), 1), { text });
  },
  onFailure: ({ what, again }) => {
    failed.push(`${what}\n  again: npm run attack -- ${again}`);
    process.stderr.write(`\nFAILED ${failed.at(-1)}\n`);
  },
});
bar.stop();
disposePlaces([...simd, ...threaded, tfjs]);

for (const { name, done, failures, counts } of outcomes) {
  const details = Object.entries(counts).filter(([what]) => what !== name);
  const list = details.map(([what, count]) => `${count} ${what}`).join(', ');
  console.log(
    `${name}: ${done}${list === '' ? '' : ` (${list})`}, ${failures} ${failures === 1 ? 'failure' : 'failures'}`,
  );
}
if (failed.length > 0) {
  console.error(`\nseed ${options.seed}; the first of ${failed.length} failures:\n${failed[0]}`);
  process.exitCode = 1;
}
