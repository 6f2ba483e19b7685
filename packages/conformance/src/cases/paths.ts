import {
  adamStep,
  grad,
  jvp,
  rmspropStep,
  sgdStep,
  uniform,
  withoutFusedOps,
  zerosLike,
  key,
  sum,
  type PathTaken,
  type Tensor,
} from '@tempograd/core';
import { fusedFamilies, type FusedFamily } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { asList, type Subject } from '../subject/Subject.js';
import {
  crossEntropySubject,
  globalNormSubject,
  layerNormSubject,
  linearScanSubject,
  linearSubject,
} from '../subject/fusedSubjects.js';
import { minimalGatedUnit, segmentSubject } from '../subject/segmentSubjects.js';
import { recurrentSubject } from '../subject/recurrentSubject.js';

const differentiable: readonly Subject[] = [
  recurrentSubject({
    cell: 'lstm',
    time: 3,
    batch: 2,
    inputs: 2,
    hidden: 3,
    bias: true,
    mask: 'ragged',
    reverse: false,
  }),
  linearSubject([3], 4, 2, true),
  layerNormSubject([3, 4]),
  crossEntropySubject([3], 4, 0),
  globalNormSubject([[3], [2, 2]]),
  linearScanSubject(3, [2]),
  segmentSubject(minimalGatedUnit, { time: 3, mask: true, reverse: false }),
];

type Step = (check: Check, x: Tensor) => void;

const controls = { learningRate: 1, step: 1 };

const steps: Readonly<Partial<Record<FusedFamily, Step>>> = {
  adam: (_, x) => {
    const moments = { moment1: zerosLike(x), moment2: zerosLike(x), maxMoment2: null };
    adamStep(x, zerosLike(x), moments, controls, {
      beta1: 0.9,
      beta2: 0.9,
      epsilon: 1,
      weightDecay: 0,
      decoupled: false,
    });
  },
  sgd: (_, x) =>
    sgdStep(x, zerosLike(x), { velocity: null }, controls, { momentum: 0, nesterov: false, weightDecay: 0 }),
  rmsprop: (_, x) => {
    const moments = { square: zerosLike(x), velocity: null, mean: null };
    rmspropStep(x, zerosLike(x), moments, controls, { alpha: 0.9, epsilon: 1, momentum: 0, weightDecay: 0 });
  },
  randomUniform: (check) => void uniform(key(1), [3], { dtype: check.dtype }),
};

/** Which paths of a family `fn` took. */
async function pathsOf(check: Check, family: FusedFamily, fn: () => void): Promise<PathTaken[]> {
  let taken: PathTaken[] = [];
  await check.device.run(() => {
    taken = check.recordPaths(fn).paths;
    return [];
  });
  return taken.filter((each) => each.family === family);
}

function requirePath(check: Check, taken: readonly PathTaken[], wanted: PathTaken['path'], when: string): void {
  check.require(taken.length > 0, `${when}: no path was reported`);
  const other = taken.find(({ path }) => path !== wanted);
  check.require(
    other === undefined,
    `${when}: the ${other?.path} path was taken (${other?.reason || 'no reason'}), expected the ${wanted} one`,
  );
}

async function checkDifferentiable(check: Check, subject: Subject): Promise<void> {
  const family = subject.family as FusedFamily;
  const here = check.has(family) ? 'fused' : 'composed';
  const inputs = subject.inputs(check.sample);
  const write = (): Tensor[] => inputs.map((x) => check.device.write(x));
  const total = (xs: Tensor[]): Tensor => asList<Tensor>(subject.apply(...xs)).map((y) => sum(y))[0] as Tensor;
  requirePath(check, await pathsOf(check, family, () => void subject.apply(...write())), here, 'forward');
  requirePath(check, await pathsOf(check, family, () => void grad(total)(write())), here, 'with a gradient');
  requirePath(check, await pathsOf(check, family, () => void jvp(total, write(), write())), 'composed', 'with a jvp');
  const twice = (xs: Tensor[]): Tensor =>
    grad(total)(xs).map((x) => (x.dtype === 'i32' ? sum(zerosLike(xs[0] as Tensor)) : sum(x)))[0] as Tensor;
  requirePath(
    check,
    await pathsOf(check, family, () => void grad(twice)(write())),
    'composed',
    'with a gradient of a gradient',
  );
  const off = await pathsOf(check, family, () => void withoutFusedOps(() => subject.apply(...write())));
  requirePath(check, off, 'composed', 'with fused ops switched off');
}

/** A family that a backend has is used where it can be, and nowhere else. */
export const pathCases: readonly ConformanceCase[] = [
  ...differentiable.map((subject) =>
    defineCase({ name: `${subject.family}: path`, group: 'paths', op: subject.op, kind: 'path' }, (check) =>
      checkDifferentiable(check, subject),
    ),
  ),
  ...Object.entries(steps).map(([family, step]) =>
    defineCase(
      { name: `${family}: path`, group: 'paths', op: fusedFamilies[family as FusedFamily][0], kind: 'path' },
      async (check) => {
        const here = check.has(family as FusedFamily) ? 'fused' : 'composed';
        const taken = await pathsOf(check, family as FusedFamily, () =>
          step(check, check.device.write(check.sample.floats([3]))),
        );
        requirePath(check, taken, here, 'alone');
      },
    ),
  ),
];
