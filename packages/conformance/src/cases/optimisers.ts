import * as core from '@tempograd/core';
import type { Tensor } from '@tempograd/core';
import type { AdamSettings, RmspropSettings, SgdSettings } from '@tempograd/core/backend';
import { adamForm, rmspropForm, sgdForm, type HostStep } from '../host/optimiserForms.js';
import { floats, type HostArray } from '../host/HostArray.js';
import { sliceForm } from '../host/closedForms.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import type { Check } from '../check/Check.js';

/** An optimiser with its states, on the host and on a device. */
interface Optimiser {
  readonly op: 'adamStep' | 'sgdStep' | 'rmspropStep';
  readonly title: string;
  readonly states: number;
  readonly form: (step: number) => HostStep;
  readonly apply: (tensors: readonly Tensor[], gradient: Tensor, controls: core.OptimiserControls) => void;
  /** As `form`, without weight decay. */
  readonly stillForm: (step: number) => HostStep;
  /** A step of several parameters, each with its states, in one call; all but the first without weight decay. */
  readonly together: (
    all: readonly (readonly Tensor[])[],
    gradients: readonly Tensor[],
    controls: core.OptimiserControls,
  ) => void;
}

/** Settings of `count` parameters: the first decays. */
function decayOfFirst<S extends { readonly weightDecay: number }>(settings: S, count: number): S[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? settings : { ...settings, weightDecay: 0 }));
}

/** Number `index` of what belongs to each parameter. */
const nth = (all: readonly (readonly Tensor[])[], index: number): Tensor[] => all.map((each) => each.at(index)!);

const learningRate = 0.1;

function adam(title: string, settings: AdamSettings, amsgrad = false): Optimiser {
  return {
    op: 'adamStep',
    title,
    states: amsgrad ? 3 : 2,
    form: (step) => adamForm(settings, { learningRate, step }),
    apply: ([p, m, v, u = null], g, controls) =>
      core.adamStep(p!, g, { moment1: m!, moment2: v!, maxMoment2: u }, controls, settings),
    stillForm: (step) => adamForm({ ...settings, weightDecay: 0 }, { learningRate, step }),
    together(all, gradients, controls) {
      const moments = { moment1: nth(all, 1), moment2: nth(all, 2), maxMoment2: amsgrad ? nth(all, 3) : null };
      const steps = { parameters: nth(all, 0), gradients, moments, settings: decayOfFirst(settings, all.length) };
      core.optimiserSteps('adam', steps, controls);
    },
  };
}

function sgd(title: string, settings: SgdSettings): Optimiser {
  return {
    op: 'sgdStep',
    title,
    states: settings.momentum === 0 ? 0 : 1,
    form: (step) => sgdForm(settings, { learningRate, step }),
    apply: ([p, velocity = null], g, controls) => core.sgdStep(p!, g, { velocity }, controls, settings),
    stillForm: (step) => sgdForm({ ...settings, weightDecay: 0 }, { learningRate, step }),
    together(all, gradients, controls) {
      const moments = { velocity: settings.momentum === 0 ? null : nth(all, 1) };
      const steps = { parameters: nth(all, 0), gradients, moments, settings: decayOfFirst(settings, all.length) };
      core.optimiserSteps('sgd', steps, controls);
    },
  };
}

function rmsprop(title: string, settings: RmspropSettings, centred = false): Optimiser {
  const hasVelocity = settings.momentum !== 0;
  return {
    op: 'rmspropStep',
    title,
    states: 1 + (hasVelocity ? 1 : 0) + (centred ? 1 : 0),
    form: (step) => rmspropForm(settings, { learningRate, step }, centred),
    apply: ([p, square, ...rest], g, controls) => {
      const velocity = hasVelocity ? rest[0]! : null;
      core.rmspropStep(p!, g, { square: square!, velocity, mean: centred ? rest.at(-1)! : null }, controls, settings);
    },
    stillForm: (step) => rmspropForm({ ...settings, weightDecay: 0 }, { learningRate, step }, centred),
    together(all, gradients, controls) {
      const moments = {
        square: nth(all, 1),
        velocity: hasVelocity ? nth(all, 2) : null,
        mean: centred ? nth(all, -1) : null,
      };
      const steps = { parameters: nth(all, 0), gradients, moments, settings: decayOfFirst(settings, all.length) };
      core.optimiserSteps('rmsprop', steps, controls);
    },
  };
}

const adamBase = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0, decoupled: false };
const sgdBase = { momentum: 0, nesterov: false, weightDecay: 0 };
const rmspropBase = { alpha: 0.9, epsilon: 1e-3, momentum: 0, weightDecay: 0 };

const optimisers: readonly Optimiser[] = [
  adam('plain', adamBase),
  adam('with weight decay', { ...adamBase, weightDecay: 0.1 }),
  adam('decoupled weight decay', { ...adamBase, weightDecay: 0.1, decoupled: true }),
  adam('AMSGrad', { ...adamBase, beta2: 0.5 }, true),
  sgd('plain', sgdBase),
  sgd('with momentum', { ...sgdBase, momentum: 0.9 }),
  sgd('with Nesterov momentum', { ...sgdBase, momentum: 0.9, nesterov: true }),
  sgd('with weight decay', { ...sgdBase, weightDecay: 0.1, momentum: 0.5 }),
  rmsprop('plain', rmspropBase),
  rmsprop('with momentum', { ...rmspropBase, momentum: 0.9 }),
  rmsprop('with weight decay', { ...rmspropBase, weightDecay: 0.1 }),
  rmsprop('centred', rmspropBase, true),
  rmsprop('centred with momentum', { ...rmspropBase, momentum: 0.9 }, true),
];

/** The large one is past 2¹⁵ elements; no vector or workgroup divides any. */
const sizesOf = ({ title }: Optimiser): readonly (readonly number[])[] => [
  [3, 5],
  [1031],
  ...(title === 'plain' ? [[33_001]] : []),
];

/** How a step is given what it takes from its update. */
type Controls = (step: number, scale: number | null, scalar: (value: number) => Tensor) => core.OptimiserControls;

const asNumbers: Controls = (step, scale, scalar) => ({
  learningRate,
  step,
  scale: scale === null ? null : scalar(scale),
});

const onDevice: Controls = (step, scale, scalar) => ({
  learningRate: scalar(learningRate),
  step: scalar(step),
  scale: scale === null ? null : scalar(scale),
  guard: scalar(3),
});

/** Three steps of an optimiser on the device and on the host. */
async function checkSteps(
  check: Check,
  optimiser: Optimiser,
  shape: readonly number[],
  scale: number | null,
  controls = asNumbers,
): Promise<void> {
  const start = check.sample.floats(shape);
  const gradients = [1, 2, 3].map(() => check.sample.floats(shape));
  // SGD's first step does not look at the velocity.
  const state = optimiser.op === 'sgdStep' ? 7 : 0;
  const { length } = start.values;
  let expected = [
    start,
    ...Array.from({ length: optimiser.states }, () => floats(shape, new Float64Array(length).fill(state))),
  ];
  gradients.forEach((gradient, index) => (expected = optimiser.form(index + 1)(expected, gradient, scale ?? 1)));
  const actual = await check.device.run(() => {
    const tensors = [
      check.device.write(start),
      ...Array.from({ length: optimiser.states }, () => core.full(shape, state, { dtype: check.dtype })),
    ];
    const scalar = (value: number): Tensor => core.scalar(value, { dtype: check.dtype });
    gradients.forEach((gradient, index) => {
      const g = check.device.write(gradient);
      check.recordPaths(() => optimiser.apply(tensors, g, controls(index + 1, scale, scalar)));
    });
    return tensors;
  });
  check.compareAll(actual, expected, {
    measure: 'value',
    opClass: 'optimiser',
    what: 'after three steps parameter, state',
  });
}

/** Two steps of several parameters in one call, of which one is a view. */
async function checkTogether(check: Check, optimiser: Optimiser): Promise<void> {
  const shapes = [[3, 5], [1], [67]];
  const starts = shapes.map((shape) => check.sample.floats(shape));
  const gradients = shapes.map((shape) => [1, 2].map(() => check.sample.floats(shape)));
  const zeros = ({ shape, values }: HostArray): HostArray[] =>
    Array.from({ length: optimiser.states }, () => floats(shape, new Float64Array(values.length)));
  const expected = starts.map((start, index) => {
    const form = index === 0 ? optimiser.form : optimiser.stillForm;
    return gradients[index]!.reduce<readonly HostArray[]>(
      (state, gradient, step) => form(step + 1)(state, gradient, 0.5),
      [start, ...zeros(start)],
    );
  });
  const actual = await check.device.run(() => {
    const all = starts.map((start, index) => {
      const whole = check.device.write(start);
      const parameter = index === 0 ? core.slice(core.concat([whole, whole]), [3, 0], [3, 5]) : whole;
      return [parameter, ...zeros(start).map((x) => check.device.write(x))];
    });
    for (const step of [1, 2]) {
      const given = gradients.map((each) => check.device.write(each[step - 1] as HostArray));
      check.recordPaths(() => optimiser.together(all, given, { learningRate, step, scale: 0.5 }));
    }
    return all.flat();
  });
  check.compareAll(actual, expected.flat(), {
    measure: 'value',
    opClass: 'optimiser',
    what: 'after two steps of all, tensor',
  });
}

/** A view and its source, a tensor shared with somebody else, and a gradient must not change when a parameter is stepped. */
async function checkSharing(check: Check, optimiser: Optimiser): Promise<void> {
  const whole = check.sample.floats([4, 3]);
  const gradient = check.sample.floats([2, 3]);
  const part = sliceForm(whole, [1, 0], [2, 3]);
  const zeros = Array.from({ length: optimiser.states }, () => floats([2, 3], new Float64Array(6)));
  const expected = optimiser.form(1)([part, ...zeros], gradient, 1)[0] as HostArray;
  const actual = await check.device.run(() => {
    const source = check.device.write(whole);
    const view = core.slice(source, [1, 0], [2, 3]);
    const before = core.reshape(view, [6]);
    const held = core.shareTree([view]);
    const states = Array.from({ length: optimiser.states }, () => core.zeros([2, 3], { dtype: check.dtype }));
    const g = check.device.write(gradient);
    const alias = core.reshape(g, [6]);
    optimiser.apply([view, ...states], g, { learningRate, step: 1 });
    const result = [view, source, before, core.neg(held[0] as Tensor), alias];
    core.disposeTree(held);
    return result;
  });
  const expectations = [
    expected,
    whole,
    { ...part, shape: [6] },
    { ...part, values: part.values.map((x) => -x) },
    { ...gradient, shape: [6] },
  ];
  const names = [
    'the parameter',
    'the tensor it is a slice of',
    'its reshape',
    'another holder of the old value',
    'the gradient',
  ];
  actual.forEach((x, index) =>
    check.compare(x, expectations[index] as HostArray, {
      measure: 'value',
      opClass: 'optimiser',
      what: names[index] as string,
    }),
  );
}

/** As `checkSharing`, where nobody else holds the view's own handle, so that the backend's fused step may run on it. */
async function checkView(check: Check, optimiser: Optimiser): Promise<void> {
  const whole = check.sample.floats([4, 3]);
  const gradient = check.sample.floats([2, 3]);
  const part = sliceForm(whole, [1, 0], [2, 3]);
  const zeros = Array.from({ length: optimiser.states }, () => floats([2, 3], new Float64Array(6)));
  const expected = optimiser.form(1)([part, ...zeros], gradient, 1)[0] as HostArray;
  const actual = await check.device.run(() => {
    const source = check.device.write(whole);
    const view = core.slice(source, [1, 0], [2, 3]);
    const states = Array.from({ length: optimiser.states }, () => core.zeros([2, 3], { dtype: check.dtype }));
    const g = check.device.write(gradient);
    check.recordPaths(() => optimiser.apply([view, ...states], g, { learningRate, step: 1 }));
    return [view, source];
  });
  check.compareAll(actual, [expected, whole], {
    measure: 'value',
    opClass: 'optimiser',
    what: 'the parameter, and what it is a slice of:',
  });
}

/** Where the guard is NaN or infinite, parameter and states keep their values to the bit, NaN in the gradient or not. */
async function checkGuard(check: Check, optimiser: Optimiser): Promise<void> {
  const starts = Array.from({ length: 1 + optimiser.states }, () => check.sample.floats([3, 5], { low: 0.5, high: 2 }));
  for (const guard of [NaN, Infinity, -Infinity]) {
    for (const first of [1, NaN]) {
      const actual = await check.device.run(() => {
        const tensors = starts.map((start) => check.device.write(start));
        const g = core.mul(check.device.write(starts[0] as HostArray), first);
        const controls = { learningRate, step: 2, guard: core.scalar(guard, { dtype: check.dtype }) };
        check.recordPaths(() => optimiser.apply(tensors, g, controls));
        return tensors;
      });
      check.compareAll(actual, starts, {
        measure: 'value',
        opClass: 'exact',
        what: `guard ${guard}: parameter, state`,
      });
    }
  }
}

/** A gradient that hardly changes: the mean square less the squared mean is what rounding leaves, below 0 here. */
async function checkRoundedVariance(check: Check, optimiser: Optimiser): Promise<void> {
  const [one, square] = [floats([5], [1, 1, 1, 1, 1]), floats([5], [1, 1, 1, 1, 1])];
  const mean = floats([5], new Float64Array(5).fill(1 + 2 ** -20));
  const zeros = Array.from({ length: optimiser.states - 2 }, () => floats([5], new Float64Array(5)));
  const start = [one, square, ...zeros, mean];
  const actual = await check.device.run(() => {
    const tensors = start.map((x) => check.device.write(x));
    check.recordPaths(() => optimiser.apply(tensors, check.device.write(one), { learningRate, step: 1 }));
    return tensors;
  });
  check.compareAll(actual, optimiser.form(1)(start, one, 1), {
    measure: 'value',
    opClass: 'optimiser',
    what: 'parameter, state',
  });
}

/** Optimiser steps, in place: their numbers, and that nobody else's numbers change. */
export const optimiserCases: readonly ConformanceCase[] = optimisers.flatMap((optimiser) => {
  const { op, title } = optimiser;
  const named = (what: string): Parameters<typeof defineCase>[0] => ({
    name: `${op}: value, ${title}${what}`,
    group: 'optimisers',
    op,
    kind: 'value',
  });
  return [
    defineCase(named(''), async (check) => {
      for (const shape of sizesOf(optimiser)) await checkSteps(check, optimiser, shape, null);
    }),
    defineCase(named(', gradient scaled'), (check) => checkSteps(check, optimiser, [3, 5], 0.25)),
    defineCase(named(', all its settings on the device'), (check) =>
      checkSteps(check, optimiser, [3, 5], 0.25, onDevice),
    ),
    defineCase(named(', several parameters at once'), (check) => checkTogether(check, optimiser)),
    defineCase(named(', held back by its guard'), (check) => checkGuard(check, optimiser)),
    defineCase(named(', nothing else changes'), (check) => checkSharing(check, optimiser)),
    defineCase(named(', on a view'), (check) => checkView(check, optimiser)),
    ...(title.startsWith('centred')
      ? [defineCase(named(', a variance that rounds below 0'), (check) => checkRoundedVariance(check, optimiser))]
      : []),
  ];
});
