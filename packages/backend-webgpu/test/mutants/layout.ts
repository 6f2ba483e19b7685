import type { Mutant } from './Mutant.js';

/** Faults in what moves elements. */
export const layoutMutants: readonly Mutant[] = [
  {
    name: 'the second operand stands still along the outermost axis',
    file: 'layout/walk.wgsl',
    find: '  places.b += rest * axis.z;\n',
    replace: '',
    caughtBy: ['add: value, broadcast a column to a matrix', 'add: value, broadcast an inner axis'],
  },
  {
    name: 'no barrier between reading a tile and writing it',
    file: 'layout/transpose.wgsl',
    find: '  workgroupBarrier();\n',
    replace: '',
    caughtBy: ['transpose: value, large and small in turn'],
  },
  {
    name: 'the last row of the last tile is left out',
    file: 'layout/transpose.wgsl',
    find: 'if (inside && row < params.rows && column < params.columns) {\n      result',
    replace: 'if (inside && row + 1u < params.rows && column < params.columns) {\n      result',
    caughtBy: ['transpose: value, large and small in turn'],
  },
  {
    name: 'a part begins at the column of the whole',
    file: 'layout/concat.wgsl',
    find: ' + column - left;',
    replace: ' + column;',
    caughtBy: ['concat: value, along a middle axis'],
  },
];
