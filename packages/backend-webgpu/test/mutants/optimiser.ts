import type { Mutant } from './Mutant.js';

/** Faults in steps of optimisers. */
export const optimiserMutants: readonly Mutant[] = [
  {
    name: 'the guard is ignored',
    file: 'optimiser/controls.wgsl',
    find: 'return (controlBits(controls, GUARD) & 0x7f800000u) == 0x7f800000u;',
    replace: 'return false;',
    caughtBy: [
      'adamStep: value, plain, held back by its guard',
      'sgdStep: value, with Nesterov momentum, held back by its guard',
      'rmspropStep: value, centred, held back by its guard',
    ],
  },
  {
    name: 'an infinite guard does not hold back',
    file: 'optimiser/controls.wgsl',
    find: 'return (controlBits(controls, GUARD) & 0x7f800000u) == 0x7f800000u;',
    replace: 'return (controlBits(controls, GUARD) & 0x7fffffffu) > 0x7f800000u;',
    caughtBy: ['adamStep: value, plain, held back by its guard'],
  },
  {
    name: 'the second moment is corrected by β1',
    file: 'optimiser/adam.wgsl',
    find: 'correction(step * params.log2)',
    replace: 'correction(step * params.log1)',
    caughtBy: ['adamStep: value, plain, on a view'],
  },
  {
    name: 'the largest second moment is not kept',
    file: 'optimiser/adam.wgsl',
    find: '      largest[params.largestStart + i] = v;\n',
    replace: '',
    caughtBy: ['adamStep: value, AMSGrad, gradient scaled'],
  },
  {
    name: 'decoupled weight decay is left out',
    file: 'optimiser/adam.wgsl',
    find: 'p - shrink * p - rate',
    replace: 'p - rate',
    caughtBy: ['adamStep: value, decoupled weight decay, gradient scaled'],
  },
  {
    name: 'the first step takes up the old velocity',
    file: 'optimiser/sgd.wgsl',
    find: 'if (!isFirst) {',
    replace: 'if (true) {',
    caughtBy: ['sgdStep: value, with momentum, gradient scaled'],
  },
  {
    name: 'a variance that rounds below 0 is kept',
    file: 'optimiser/rmsprop.wgsl',
    find: 'larger(q - a * a, 0.0)',
    replace: 'q - a * a',
    caughtBy: ['rmspropStep: value, centred, a variance that rounds below 0'],
  },
  {
    name: 'the guard is taken for the scale',
    file: 'optimiser/packScalars.wgsl',
    find: 'result[2] = c[params.starts.z];',
    replace: 'result[2] = d[params.starts.w];',
    caughtBy: ['sgdStep: value, with weight decay, all its settings on the device'],
  },
];
