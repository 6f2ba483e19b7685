import type { Mutant } from './Mutant.js';

/** Faults in sums and maxima over axes, and in choosing and adding rows. */
export const reduceMutants: readonly Mutant[] = [
  {
    name: 'a maximum loses a NaN whose sign is set',
    file: 'math/order.wgsl',
    find: 'select(bits ^ ((bits >> 31u) & 0x7fffffff), 0x7fc00000, isNan(v))',
    replace: 'bits ^ ((bits >> 31u) & 0x7fffffff)',
    caughtBy: ['max: value, with NaN with its sign set'],
  },
  {
    name: 'the second of two threads is left out',
    file: 'reduce/reduce.wgsl',
    find: 'half > 0u',
    replace: 'half > 1u',
    caughtBy: ['sum: value, large and small in turn (3)'],
  },
  {
    name: 'four are loaded where three are left',
    file: 'reduce/reduce.wgsl',
    find: 'r + 3u * LANES < end',
    replace: 'r + 3u * LANES <= end',
    caughtBy: ['sum: value, with NaN and infinity'],
  },
  {
    name: 'threads add up without waiting for one another',
    file: 'reduce/reduce.wgsl',
    find: '    workgroupBarrier();\n',
    replace: '',
    caughtBy: ['sum: value, large and small in turn (3)'],
  },
  {
    name: 'the row behind the last is read',
    file: 'rows/gather.wgsl',
    find: 'row < params.rows',
    replace: 'row <= params.rows',
    caughtBy: ['gather: value, rows outside'],
  },
  {
    name: 'a row outside is the last one',
    file: 'rows/gather.wgsl',
    find: 'result[i] = V(params.outside);',
    replace: 'result[i] = x[params.start + (params.rows - 1u) * params.length + i % params.length];',
    caughtBy: ['gather: value, rows outside'],
  },
  {
    name: 'marks of the stretch before are left',
    file: 'rows/findRow.wgsl',
    find: 'lane < 64u',
    replace: 'lane < 1u',
    caughtBy: ['scatterAdd: value, large and small in turn (2)'],
  },
  {
    name: 'an index is counted among those before it',
    file: 'rows/findRow.wgsl',
    find: '<< shift) - 1u',
    replace: '<< shift)',
    caughtBy: ['scatterAdd: value, rows repeated'],
  },
  {
    name: 'the last update of a row is left out',
    file: 'rows/scatterScan.wgsl',
    find: 'for (; i < hits; i += others)',
    replace: 'for (; i + 1u < hits; i += others)',
    caughtBy: ['scatterAdd: value, rows repeated'],
  },
  {
    name: 'the second of two sums of a column is left out',
    file: 'rows/scatterScan.wgsl',
    find: 'half >= COLUMNS',
    replace: 'half > COLUMNS',
    caughtBy: ['scatterAdd: value, rows repeated'],
  },
  {
    name: 'a repeated row is taken once',
    file: 'rows/rankRows.wgsl',
    find: 'select(0u, equal, before',
    replace: 'select(0u, min(equal, 1u), before',
    caughtBy: ['scatterAdd: value, large and small in turn (3)'],
  },
  {
    name: 'the last update of a row replaces those before it',
    file: 'rows/addRuns.wgsl',
    find: 'block += updates[base + order[place] * params.width];',
    replace: 'block = updates[base + order[place] * params.width];',
    caughtBy: ['scatterAdd: value, large and small in turn (3)'],
  },
];
