import type { KernelCase, Sampler, Word } from '../KernelCase.js';
import type { Sample } from '../Sample.js';

const least = 1.17549435e-38;
const float = (value: number): Word => ({ float: Math.fround(value) });

/** Numbers of a parameter and of what goes with it, some of them too small to be normal. */
function tensor(sample: Sample, length: number, positive = false): Float32Array {
  return sample.floats(length).map((value) => {
    const sized = sample.chance(0.1) ? value * 1e-39 : value;
    return positive ? sized ** 2 : sized;
  });
}

/** A running average where those too small to be normal become 0, and where not. */
const settled = (value: number, settles: boolean): number => (settles && Math.abs(value) < least ? 0 : value);
/** What rounding may add, and what becomes 0. */
const near = (size: number): number => 2 ** -20 * size + 1.2e-38;

function adamStep(sample: Sample): KernelCase {
  const length = sample.length(500);
  const [scale, keep1, keep2] = [sample.random.pick([1, 0.3]), Math.fround(0.9), Math.fround(0.99)];
  const [take1, take2] = [Math.fround(1 - keep1), Math.fround(1 - keep2)];
  const [rate, rootScale, epsilon] = [Math.fround(0.01), Math.fround(1.5), Math.fround(1e-8)];
  const [decay, shrink] = sample.random.pick([
    [0, 0],
    [Math.fround(0.01), 0],
    [0, Math.fround(1e-4)],
  ] as const);
  const [largest, settles] = [sample.chance(0.3), sample.chance(0.3)];
  const [p, g, m, v, u] = [false, false, false, true, true].map((positive) => tensor(sample, length, positive));
  const after = Array.from({ length }, (_, i) => {
    const gradient = g![i]! * Math.fround(scale) + p![i]! * decay;
    const size = Math.abs(g![i]! * scale) + Math.abs(p![i]! * decay);
    const first = m![i]! * keep1 + gradient * take1;
    const second = v![i]! * keep2 + gradient ** 2 * take2;
    const most = largest ? Math.max(u![i]!, second) : second;
    const root = Math.sqrt(most) * rootScale + epsilon;
    const move = (rate * (Math.abs(m![i]! * keep1) + size * take1)) / root;
    const unsure = 1 + (size * Math.sqrt(take2) * rootScale) / root;
    return {
      p: [p![i]! - p![i]! * shrink - (rate * first) / root, Math.abs(p![i]!) + move * unsure] as const,
      m: [settled(first, settles), Math.abs(m![i]!) + size] as const,
      v: [settled(second, settles), second + size ** 2] as const,
      u: [settled(most, settles), most + size ** 2] as const,
    };
  });
  const out = (name: 'p' | 'm' | 'v' | 'u', data: Float32Array) =>
    sample.output(
      name,
      after.map((of) => of[name][0]),
      (i) => near(after[i]![name][1]),
      data,
    );
  const gradient = sample.input('g', g!);
  const [parameter, moment1, moment2] = [out('p', p!), out('m', m!), out('v', v!)];
  const blocks = [parameter, gradient, moment1, moment2, ...(largest ? [out('u', u!)] : [])];
  const numbers = [scale, keep1, take1, keep2, take2, rate, rootScale, epsilon, decay, shrink];
  const words = [parameter, gradient, moment1, moment2, blocks[4] ?? 0, length, ...numbers.map(float), settles ? 1 : 0];
  return { title: `of ${length}`, blocks, steps: [{ task: 'adamStep', words }] };
}

function sgdStep(sample: Sample): KernelCase {
  const length = sample.length(500);
  const [scale, rate, decay] = [0.3, 0.01, sample.random.pick([0, 0.01])].map(Math.fround) as [number, number, number];
  const [hasVelocity, fresh, nesterov, settles] = [0.7, 0.3, 0.5, 0.3].map((share) => sample.chance(share));
  const momentum = Math.fround(hasVelocity ? 0.9 : 0);
  const [p, g, v] = [0, 0, 0].map(() => tensor(sample, length));
  const after = Array.from({ length }, (_, i) => {
    const gradient = g![i]! * scale + p![i]! * decay;
    const velocity = fresh ? gradient : v![i]! * momentum + gradient;
    const step = !hasVelocity ? gradient : nesterov ? gradient + momentum * velocity : velocity;
    return { p: p![i]! - rate * step, v: settled(velocity, settles!) };
  });
  const out = (name: 'p' | 'v', data: Float32Array) =>
    sample.output(
      name,
      after.map((of) => of[name]),
      (i) => near(Math.abs(p![i]!) + Math.abs(g![i]!) + Math.abs(v![i]!)),
      data,
    );
  const [parameter, gradient, velocity] = [out('p', p!), sample.input('g', g!), out('v', v!)];
  const numbers = [scale, rate, momentum, decay].map(float);
  const flags = [fresh ? 1 : 0, nesterov ? 1 : 0];
  const words = [parameter, gradient, hasVelocity ? velocity : 0, length, ...flags, ...numbers, settles ? 1 : 0];
  return {
    title: `of ${length}`,
    blocks: hasVelocity ? [parameter, gradient, velocity] : [parameter, gradient],
    steps: [{ task: 'sgdStep', words }],
  };
}

function rmspropStep(sample: Sample): KernelCase {
  const length = sample.length(500);
  const [scale, rate, keep, epsilon, momentum, decay] = [0.3, 0.01, 0.9, 1e-8, 0.8, sample.random.pick([0, 0.01])].map(
    Math.fround,
  ) as [number, number, number, number, number, number];
  const taken = Math.fround(1 - keep);
  const [hasVelocity, hasMean, settles] = [0.5, 0.4, 0.3].map((share) => sample.chance(share));
  const [p, g, s, v, a] = [false, false, true, false, false].map((positive) => tensor(sample, length, positive));
  const after = Array.from({ length }, (_, i) => {
    const gradient = g![i]! * scale + p![i]! * decay;
    const size = Math.abs(g![i]! * scale) + Math.abs(p![i]! * decay);
    const square = s![i]! * keep + gradient ** 2 * taken;
    const mean = a![i]! * keep + gradient * taken;
    const variance = hasMean ? Math.max(square - mean ** 2, 0) : square;
    // What a difference of squares may be off by, and what that makes of the root.
    const spread = near(square + size ** 2 + a![i]! ** 2);
    const [low, high] = [Math.max(variance - spread, 0), variance + spread].map((of) => Math.sqrt(of) + epsilon) as [
      number,
      number,
    ];
    const root = Math.sqrt(variance) + epsilon;
    const step = gradient / root + (hasVelocity ? momentum * v![i]! : 0);
    const unsure = size * Math.max(1 / low - 1 / root, 1 / root - 1 / high) + near(size / root + Math.abs(v![i]!));
    return {
      p: [p![i]! - rate * step, near(Math.abs(p![i]!)) + rate * unsure * 2] as const,
      s: [settled(square, settles!), near(square + size ** 2)] as const,
      v: [settled(step, settles!), unsure + 1.2e-38] as const,
      a: [settled(mean, settles!), near(Math.abs(a![i]!) + size)] as const,
    };
  });
  const out = (name: 'p' | 's' | 'v' | 'a', data: Float32Array) =>
    sample.output(
      name,
      after.map((of) => of[name][0]),
      (i) => after[i]![name][1],
      data,
    );
  const [parameter, gradient, average] = [out('p', p!), sample.input('g', g!), out('s', s!)];
  const velocity = hasVelocity ? [out('v', v!)] : [];
  const mean = hasMean ? [out('a', a!)] : [];
  const numbers = [scale, rate, keep, taken, epsilon, momentum, decay].map(float);
  const words = [parameter, gradient, average, velocity[0] ?? 0, mean[0] ?? 0, length, ...numbers, settles ? 1 : 0];
  return {
    title: `of ${length}${hasMean ? ', centred' : ''}`,
    blocks: [parameter, gradient, average, ...velocity, ...mean],
    steps: [{ task: 'rmspropStep', words }],
  };
}

/** Optimiser steps in place. */
export const optimisers: Readonly<Record<string, Sampler>> = { adamStep, sgdStep, rmspropStep };
