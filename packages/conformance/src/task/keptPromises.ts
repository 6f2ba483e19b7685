import { formatShape, isFloat } from '@tempograd/core/backend';
import { Tensor, treeEntries } from '@tempograd/core';
import { checkGradient } from './checkGradient.js';
import { TaskError, type TaskPromise } from './TaskError.js';
import type { Trial } from './Trial.js';
import { compare, cut, disturbed, stepsOf, type Numbers } from './trees.js';

type AnyTrial = Trial<unknown, unknown, unknown, unknown>;

/** Carry, output and loss of the whole stretch, on the host. */
function run(trial: AnyTrial, stretch?: unknown): Promise<Numbers> {
  return trial.read(() => {
    const { carry, output } = trial.forward(trial.start(stretch ?? trial.stretch), stretch ?? trial.stretch);
    return { carry, output, loss: trial.loss(output, stretch ?? trial.stretch) };
  });
}

async function carryFits(trial: AnyTrial): Promise<void> {
  const kinds = (tree: unknown): string[] =>
    treeEntries(tree)
      .map(([path, { dtype, shape }]) => `${path} ${dtype}${formatShape(shape)}`.trim())
      .sort();
  const before: string[] = [];
  const after: string[] = [];
  await trial.read(() => {
    const start = trial.start();
    before.push(...kinds(start));
    after.push(...kinds(trial.forward(start).carry));
    return null;
  });
  if (before.join() !== after.join()) {
    throw new TaskError(
      'initial carry',
      `initialCarry gives ${before.join(', ')}, but forward returns ${after.join(', ')}`,
    );
  }
  const other = await disturbed(trial.stretch, 0, trial.time);
  const [here, there] = [await trial.read(() => trial.start()), await trial.read(() => trial.start(other()))];
  compare('initial carry', 'of a stretch of the same sizes with other content', there, here, 0);
}

async function outputsHaveSteps(trial: AnyTrial): Promise<void> {
  for (const { path, x } of await trial.read(() => trial.forward(trial.start()).output)) {
    if (x.shape[0] !== trial.time) {
      throw new TaskError(
        'steps of outputs',
        `${path === '' ? 'the output' : `the output "${path}"`} is ${formatShape(x.shape)} for ${trial.time} steps`,
      );
    }
  }
}

async function lossIsScalar(trial: AnyTrial): Promise<void> {
  const [loss] = await trial.read(() => {
    const value: unknown = trial.loss(trial.forward(trial.start()).output);
    if (value instanceof Tensor && value.rank === 0 && isFloat(value.dtype)) return value;
    const given = value instanceof Tensor ? `a tensor ${value.dtype}${formatShape(value.shape)}` : typeof value;
    throw new TaskError('a scalar loss', `it is ${given}`);
  });
  const value = loss?.x.values[0];
  if (!Number.isFinite(value)) throw new TaskError('a scalar loss', `it is ${value}`);
}

async function isPure(trial: AnyTrial): Promise<void> {
  compare('pure', 'run a second time', await run(trial), await run(trial), 0);
}

async function doesNotLookAhead(trial: AnyTrial): Promise<void> {
  const whole = await trial.read(() => trial.forward(trial.start()).output);
  for (const at of trial.cuts) {
    const later = await disturbed(trial.stretch, at, trial.time);
    const other = await trial.read(() => trial.forward(trial.start(), later()).output);
    const what = `outputs before step ${at} change when the stretch changes from there on`;
    compare('no look ahead', what, stepsOf(other, 0, at), stepsOf(whole, 0, at), trial.bounds.value);
  }
}

async function equalsItsParts(trial: AnyTrial): Promise<void> {
  const whole = await trial.read(() => trial.forward(trial.start()));
  for (const at of trial.cuts) {
    const what = `cut before step ${at}`;
    const parts = await trial.read(() => {
      const first = trial.forward(trial.start(cut(trial.stretch, 0, at)), trial.stretch, 0, at);
      const { carry, output } = trial.forward(first.carry, trial.stretch, at, trial.time);
      return { first: first.output, second: output, carry };
    });
    const within = (name: string): Numbers => under(parts, name);
    const { value } = trial.bounds;
    const output = under(whole, 'output');
    compare('a whole equals its parts', `${what}, outputs before it`, within('first'), stepsOf(output, 0, at), value);
    compare(
      'a whole equals its parts',
      `${what}, outputs after it`,
      within('second'),
      stepsOf(output, at, trial.time),
      value,
    );
    compare('a whole equals its parts', `${what}, the last carry`, within('carry'), under(whole, 'carry'), value);
  }
}

/** What is carried over must be carried with its gradient. */
async function carriesGradients(trial: AnyTrial): Promise<void> {
  const whole = await trial.gradient();
  for (const at of trial.cuts) {
    const parts = await trial.gradient([at, trial.time]);
    compare('a whole equals its parts', `cut before step ${at}, the gradient`, parts, whole, trial.bounds.gradient);
  }
}

/** The part of a tree's numbers that stands under a key. */
const under = (numbers: Numbers, key: string): Numbers =>
  numbers
    .filter(({ path }) => path === key || path.startsWith(`${key}.`))
    .map(({ path, ...rest }) => ({ path: path.slice(key.length + 1), ...rest }));

/** The loss of each step alone, then of all together. */
async function lossesOf(trial: AnyTrial, stretch: unknown = trial.stretch): Promise<Float64Array> {
  const numbers = await trial.read(() => {
    const { output } = trial.forward(trial.start());
    const each = Array.from({ length: trial.time }, (_, t) => trial.loss(cut(output, t, t + 1), stretch, t, t + 1));
    return [...each, trial.loss(output, stretch)];
  });
  return Float64Array.from(numbers, ({ x }) => x.values[0] as number);
}

/** How far numbers of about this size may be apart. */
const allowed = (trial: AnyTrial, ...sizes: number[]): number =>
  trial.bounds.value * 4 * Math.max(0.01, ...sizes.map(Math.abs));

async function lossKeepsToItsStep(trial: AnyTrial): Promise<void> {
  const before = await lossesOf(trial);
  for (let t = 0; t < trial.time; t++) {
    const other = await disturbed(trial.stretch, t, t + 1);
    const stretch = other();
    const after = await lossesOf(trial, stretch).finally(() => disposeAll(stretch));
    const change = (index: number): number => (after[index] as number) - (before[index] as number);
    const [own, whole] = [change(t), change(trial.time)];
    if (Math.abs(own - whole) <= allowed(trial, ...before, ...after)) continue;
    // A mean is another fault: it changes by the same share everywhere.
    if (Math.abs(own - whole * trial.time) <= allowed(trial, own, ...before, ...after) * trial.time) continue;
    throw new TaskError(
      'a loss looks at its own step',
      `where the stretch changes at step ${t} only, the loss of that step changes by ${own}, but that of the whole by ${whole}`,
    );
  }
}

async function lossesAddUp(trial: AnyTrial): Promise<void> {
  const losses = await lossesOf(trial);
  const sum = losses.subarray(0, trial.time).reduce((total, loss) => total + loss, 0);
  const whole = losses[trial.time] as number;
  if (Math.abs(sum - whole) <= allowed(trial, ...losses)) return;
  throw new TaskError(
    'losses add up',
    `the losses of ${trial.time} steps one by one add up to ${sum}, that of all at once is ${whole}`,
  );
}

function disposeAll(tree: unknown): void {
  for (const [, leaf] of treeEntries(tree)) leaf.dispose();
}

/** Each promise and how it is looked at, in this order: what is looked at later relies on what came before. */
export const keptPromises: readonly (readonly [TaskPromise, (trial: AnyTrial) => Promise<void>])[] = [
  ['initial carry', carryFits],
  ['steps of outputs', outputsHaveSteps],
  ['a scalar loss', lossIsScalar],
  ['pure', isPure],
  ['no look ahead', doesNotLookAhead],
  ['a whole equals its parts', equalsItsParts],
  ['a loss looks at its own step', lossKeepsToItsStep],
  ['losses add up', lossesAddUp],
  ['a whole equals its parts', carriesGradients],
  ['the gradient is the derivative', checkGradient],
];

/** Of a task that is not causal these are not promised. */
export const causalOnly: readonly TaskPromise[] = ['no look ahead', 'a whole equals its parts'];
