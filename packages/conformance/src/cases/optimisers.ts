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
  readonly apply: (tensors: readonly Tensor[], gradient: Tensor, scale: Tensor | null, step: number) => void;
}

function adam(title: string, settings: Omit<AdamSettings, 'step'>): Optimiser {
  return {
    op: 'adamStep',
    title,
    states: 2,
    form: (step) => adamForm({ ...settings, step }),
    apply: ([p, m, v], g, scale, step) => core.adamStep(p!, g, m!, v!, scale, { ...settings, step }),
  };
}

function sgd(title: string, settings: Omit<SgdSettings, 'step'>): Optimiser {
  return {
    op: 'sgdStep',
    title,
    states: settings.momentum === 0 ? 0 : 1,
    form: (step) => sgdForm({ ...settings, step }),
    apply: ([p, v], g, scale, step) => core.sgdStep(p!, g, v ?? null, scale, { ...settings, step }),
  };
}

function rmsprop(title: string, settings: RmspropSettings): Optimiser {
  return {
    op: 'rmspropStep',
    title,
    states: settings.momentum === 0 ? 1 : 2,
    form: () => rmspropForm(settings),
    apply: ([p, q, b], g, scale) => core.rmspropStep(p!, g, q!, b ?? null, scale, settings),
  };
}

const adamBase = { learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0, decoupled: false };
const sgdBase = { learningRate: 0.1, momentum: 0, nesterov: false, weightDecay: 0 };
const rmspropBase = { learningRate: 0.1, alpha: 0.9, epsilon: 1e-3, momentum: 0, weightDecay: 0 };

const optimisers: readonly Optimiser[] = [
  adam('plain', adamBase),
  adam('with weight decay', { ...adamBase, weightDecay: 0.1 }),
  adam('decoupled weight decay', { ...adamBase, weightDecay: 0.1, decoupled: true }),
  sgd('plain', sgdBase),
  sgd('with momentum', { ...sgdBase, momentum: 0.9 }),
  sgd('with Nesterov momentum', { ...sgdBase, momentum: 0.9, nesterov: true }),
  sgd('with weight decay', { ...sgdBase, weightDecay: 0.1, momentum: 0.5 }),
  rmsprop('plain', rmspropBase),
  rmsprop('with momentum', { ...rmspropBase, momentum: 0.9 }),
  rmsprop('with weight decay', { ...rmspropBase, weightDecay: 0.1 }),
];

/** The large one is past 2¹⁵ elements; no vector or workgroup divides any. */
const sizesOf = ({ title }: Optimiser): readonly (readonly number[])[] => [
  [3, 5],
  [1031],
  ...(title === 'plain' ? [[33_001]] : []),
];

/** Three steps of an optimiser on the device and on the host. */
async function checkSteps(
  check: Check,
  optimiser: Optimiser,
  shape: readonly number[],
  scale: number | null,
): Promise<void> {
  const start = check.sample.floats(shape);
  const gradients = [1, 2, 3].map(() => check.sample.floats(shape));
  let expected = [
    start,
    ...Array.from({ length: optimiser.states }, () => floats(shape, new Float64Array(start.values.length))),
  ];
  gradients.forEach((gradient, index) => (expected = optimiser.form(index + 1)(expected, gradient, scale ?? 1)));
  const actual = await check.device.run(() => {
    const tensors = [
      check.device.write(start),
      ...Array.from({ length: optimiser.states }, () => core.zeros(shape, { dtype: check.dtype })),
    ];
    const factor = scale === null ? null : core.scalar(scale, { dtype: check.dtype });
    gradients.forEach((gradient, index) => {
      const g = check.device.write(gradient);
      check.recordPaths(() => optimiser.apply(tensors, g, factor, index + 1));
    });
    return tensors;
  });
  check.compareAll(actual, expected, {
    measure: 'value',
    opClass: 'optimiser',
    what: 'after three steps parameter, state',
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
    optimiser.apply([view, ...states], g, null, 1);
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
    check.recordPaths(() => optimiser.apply([view, ...states], check.device.write(gradient), null, 1));
    return [view, source];
  });
  check.compareAll(actual, [expected, whole], {
    measure: 'value',
    opClass: 'optimiser',
    what: 'the parameter, and what it is a slice of:',
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
    defineCase(named(', nothing else changes'), (check) => checkSharing(check, optimiser)),
    defineCase(named(', on a view'), (check) => checkView(check, optimiser)),
  ];
});
