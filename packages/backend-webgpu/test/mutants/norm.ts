import type { Internals } from '../../src/createBackend.js';
import { expectAgreement } from '../support/agreement.js';
import { withBackend } from './Mutant.js';
import type { Mutant } from './Mutant.js';

/** As `globalNorm.test.ts` checks it; the contract says nothing of squares that overflow. */
const normOfLarge = (internals: Internals): Promise<void> =>
  withBackend(internals, {}, (backend) =>
    expectAgreement(backend, [{ shape: [3], dtype: 'f32', values: [1e30, -1e30, 1] }], (b, x) => [
      { handle: (b.globalNorm as NonNullable<typeof b.globalNorm>)([x]), shape: [], dtype: x.dtype },
    ]),
  );

/** Faults in normalisation, losses, the global norm, linear recurrences and random numbers. */
export const normMutants: readonly Mutant[] = [
  {
    name: 'ε is left out',
    file: 'norm/layerNorm.wgsl',
    find: ' + params.epsilon)',
    replace: ')',
    caughtBy: ['layerNorm: value, leading axes'],
  },
  {
    name: 'the gradient does not go through the deviation',
    file: 'norm/layerNormInput.wgsl',
    find: ' - normal * averages.y',
    replace: '',
    caughtBy: ['layerNorm: gradient, leading axes'],
  },
  {
    name: 'the second of two sums of a column is left out',
    file: 'norm/layerNormAffine.wgsl',
    find: 'half >= 32u',
    replace: 'half > 32u',
    caughtBy: ['layerNorm: gradient, leading axes'],
  },
  {
    name: 'the next sum begins before all have read the last one',
    file: 'norm/rowLanes.wgsl',
    find: 'let sum = shares[lane - lane % LANES];\n  workgroupBarrier();',
    replace: 'let sum = shares[lane - lane % LANES];',
    caughtBy: ['layerNorm: value, one row'],
  },
  {
    name: 'a target right behind the classes is known',
    file: 'norm/softmaxCrossEntropy.wgsl',
    find: 'u32(y) < params.classes',
    replace: 'u32(y) <= params.classes',
    caughtBy: ['softmaxCrossEntropy: gradient, a target beyond the classes'],
  },
  {
    name: 'an ignored row is NaN',
    file: 'norm/softmaxCrossEntropy.wgsl',
    find: 'select(0u, NAN_BITS, y >= 0)',
    replace: 'NAN_BITS',
    caughtBy: ['softmaxCrossEntropy: gradient, of an ignored row is exactly 0'],
  },
  {
    name: 'the gradient knows nothing of label smoothing',
    file: 'norm/softmaxCrossEntropy.wgsl',
    find: '/ total - smoothing - hit',
    replace: '/ total - hit',
    caughtBy: ['softmaxCrossEntropy: gradient, label smoothing'],
  },
  {
    name: 'squares of large numbers overflow',
    file: 'norm/squares.wgsl',
    find: 'const LARGE_BITS = 0x58800000u;',
    replace: 'const LARGE_BITS = 0x7f800000u;',
    caughtBy: normOfLarge,
  },
  {
    name: 'the second of two sums is left out',
    file: 'norm/root.wgsl',
    find: 'half > 0u',
    replace: 'half > 1u',
    caughtBy: ['globalNorm: value, of several tensors'],
  },
  {
    name: 'a view is read from the start of its storage',
    file: 'norm/squares.wgsl',
    find: 'load(operand, place.x + i)',
    replace: 'load(operand, i)',
    caughtBy: ['globalNorm: value, of views'],
  },
  {
    name: 'steps behind the last eight read a view from the start of its storage',
    file: 'scan/linearScan.wgsl',
    find: 'state = a[params.aStart + at] * state',
    replace: 'state = a[at] * state',
    caughtBy: ['linearScan: value, of views'],
  },
  {
    name: 'the carry is detached within eight steps',
    file: 'scan/linearScanBackward.wgsl',
    find: 'carried = factors[k] * adjoint;',
    replace: 'carried = factors[k] * cotangents[k];',
    caughtBy: ['linearScan: gradient, many steps'],
  },
  {
    name: 'the high word of the counter gets no carry',
    file: 'random/randomUniform.wgsl',
    find: 'select(0u, 1u, low < block)',
    replace: '0u',
    caughtBy: ['uniform: value, from an offset past 2³³'],
  },
];
