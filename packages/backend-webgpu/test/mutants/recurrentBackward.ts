import type { Mutant } from './Mutant.js';

/** Faults in segments, backward; of the first barrier in `backwardSegment.wgsl` the same holds as forward. */
export const recurrentBackwardMutants: readonly Mutant[] = [
  {
    name: 'only half of the carry goes back: not that of c',
    file: 'recurrent/backward.wgsl',
    find: 'let dc = c + dh * g.w',
    replace: 'let dc = dh * g.w',
    caughtBy: ['lstm: gradient, two steps'],
  },
  {
    name: 'a masked step has gradients',
    file: 'recurrent/backward.wgsl',
    find: 'if (outer.counts) {',
    replace: 'if (true) {',
    caughtBy: ['rnnTanh: gradient, ragged mask'],
  },
  {
    name: 'a second unit loses what passes by U',
    file: 'recurrent/backwardStep.wgsl',
    find: 'dh + second',
    replace: 'second',
    path: 'step',
    caughtBy: ['rnnTanh: gradient, odd sizes'],
  },
  {
    name: 'the final cell state is detached',
    file: 'recurrent/startBackward.wgsl',
    find: 'if (params.hasC != 0u && ',
    replace: 'if (false && ',
    caughtBy: ['lstm: gradient, of some inputs alone'],
  },
  {
    name: 'vectors of the second step are not zeroed beyond the units',
    file: 'recurrent/startBackward.wgsl',
    find: '  second[i] = 0.0;\n',
    replace: '',
    path: 'step',
    caughtBy: ['rnnTanh: gradient, of some inputs alone'],
  },
  {
    name: 'the last unit of U is left out',
    file: 'recurrent/packBackward.wgsl',
    find: 'if (unit + e < h)',
    replace: 'if (unit + e + 1u < h)',
    caughtBy: ['rnnTanh: gradient, of some inputs alone'],
  },
  {
    name: 'δ is given for dL/dh',
    file: 'recurrent/finishBackward.wgsl',
    find: 'deltas[params.delta + i]',
    replace: 'deltas[i]',
    caughtBy: ['rnnTanh: gradient, of every state, reversed'],
  },
  {
    name: 'what stands at masked steps meets their zeros',
    file: 'recurrent/clearRows.wgsl',
    find: 'if (mask[params.maskStart + i / params.width] != 0i) {',
    replace: 'if (true) {',
    caughtBy: ['rnnTanh: gradient, NaN in masked padding, empty rows and steps'],
  },
  {
    name: 'what passes by U is lost',
    file: 'recurrent/backwardSegment.wgsl',
    find: 'dh += sum;',
    replace: 'dh = sum;',
    caughtBy: ['gru: gradient, of some inputs alone'],
  },
  {
    name: 'the parts of k are joined before they are there',
    file: 'recurrent/backwardSegment.wgsl',
    find: '    workgroupBarrier();\n    if (working) {\n      for',
    replace: '    if (working) {\n      for',
    caughtBy: ['rnnTanh: gradient, odd sizes'],
  },
  {
    name: 'gates of the wrong step are taken',
    file: 'recurrent/backwardSegment.wgsl',
    find: 'outer = outerOf(step - 1u, row, unit);',
    replace: 'outer = outerOf(step, row, unit);',
    caughtBy: ['rnnTanh: gradient, two steps'],
  },
];
