import type { Internals } from '../../src/createBackend.js';
import { tilePlan } from '../../src/product/plan.js';
import type { Tile } from '../../src/product/tiles.js';
import { checkPlan, sizesOf } from '../product/checkPlan.js';
import { ProductBench } from '../product/ProductBench.js';
import type { Mutant } from './Mutant.js';

const smallest: Tile = {
  name: '16x16 4x4 4x2',
  rows: 16,
  columns: 16,
  threadRows: 4,
  threadColumns: 4,
  depth: 4,
  halves: 2,
  slices: 1,
};
const sliced: Tile = { ...smallest, name: '16x16 4x4 8x1/2', depth: 8, halves: 1, slices: 2 };
const tall: Tile = { ...smallest, name: '32x16 8x4 4x2', rows: 32, threadRows: 8 };

/**
 * A product by a tile as software drivers, on which these tests run, would not choose one, checked as in `tiles.test.ts`. It is
 * smaller than those for GPUs, which take such drivers seconds to compile.
 */
const byTile = (tile: Tile) => async (internals: Internals) => {
  const bench = await ProductBench.open(internals);
  try {
    const sizes = { m: tile.rows + 1, n: tile.columns - 1, k: 3 * tile.depth + 2, transposeA: false, transposeB: true };
    await checkPlan(bench, sizes, tilePlan(sizesOf(sizes), tile, 1), tile.name);
  } finally {
    bench.dispose();
  }
};

/** Faults in products of matrices. */
export const productMutants: readonly Mutant[] = [
  {
    name: 'no barrier before a tile is filled again',
    file: 'product/tile.wgsl',
    find: 'if (HALVES == 1u) {\n      workgroupBarrier();',
    replace: 'if (HALVES == 1u) {',
    caughtBy: ['matmul: value, second transposed, odd sizes'],
  },
  {
    name: 'a stale tile is used again',
    file: 'product/tile.wgsl',
    find: 'fetch(lane, lines, first + DEPTH, end)',
    replace: 'fetch(lane, lines, first, end)',
    caughtBy: ['matmul: value, second transposed, odd sizes'],
  },
  {
    name: 'the half that is in use is filled',
    file: 'product/tile.wgsl',
    find: 'half = 1u - half;',
    replace: 'half = 0u;',
    caughtBy: byTile(smallest),
  },
  {
    name: 'the second four rows of a thread are put over the first',
    file: 'product/tile.wgsl',
    find: 'putSlices(c10, slice, thread, rows + down, columns,',
    replace: 'putSlices(c10, slice, thread, rows, columns,',
    caughtBy: byTile(tall),
  },
  {
    name: 'sums of the next row are put where some still read',
    file: 'product/tileResult.wgsl',
    find: '  workgroupBarrier();\n  return sum;',
    replace: '  return sum;',
    caughtBy: byTile(sliced),
  },
  {
    name: 'the last column of the last tile is left out',
    file: 'product/tileResult.wgsl',
    find: 'if (columns.x < params.n)',
    replace: 'if (columns.x + 1u < params.n)',
    caughtBy: ['linear: value, odd sizes'],
  },
  {
    name: 'a column too many is stored',
    file: 'product/tileResult.wgsl',
    find: 'if (columns.w < params.n)',
    replace: 'if (columns.w <= params.n)',
    caughtBy: ['matmul: value, large and small in turn'],
  },
  {
    name: 'the bias is dropped',
    file: 'product/tileResult.wgsl',
    find: 'has(withBias) && !again',
    replace: 'has(withBias) && again',
    caughtBy: ['linear: value, odd sizes'],
  },
  {
    name: 'the bias is added with every block',
    file: 'product/tileResult.wgsl',
    find: 'has(withBias) && !again',
    replace: 'has(withBias)',
    caughtBy: ['linear: gradient, large and small in turn, a long inner length'],
  },
  {
    name: 'a gradient so far is overwritten',
    file: 'product/tileResult.wgsl',
    find: 'again || has(accumulate)',
    replace: 'again',
    caughtBy: ['rnnTanh: gradient, added to gradients so far, odd sizes'],
  },
  {
    name: 'the last piece of k is lost',
    file: 'product/sumPieces.wgsl',
    find: 'min(first + 16u, params.pieces)',
    replace: 'min(first + 16u, params.pieces - 1u)',
    caughtBy: ['matmul: value, large and small in turn (4)'],
  },
  {
    name: 'a piece of k goes on to the end',
    file: 'product/skinny.wgsl',
    find: 'min(begin + params.pieceLength, params.k)',
    replace: 'params.k',
    caughtBy: ['matmul: value, large and small in turn (4)'],
  },
  {
    name: 'the last of a batch of matrices is the first',
    file: 'product/problem.wgsl',
    find: '    starts.b += index * along.z;\n',
    replace: '',
    caughtBy: ['matmul: value, both transposed, batched'],
  },
  {
    name: 'half of the threads are left out of a sum',
    file: 'product/skinny.wgsl',
    find: 'var apart = lanes / 2u;',
    replace: 'var apart = lanes / 4u;',
    caughtBy: ['matmul: value, second transposed, a row and a column'],
  },
  {
    name: 'the last step along k counts twice',
    file: 'product/skinny.wgsl',
    find: 'let inside = steps < vec4u(end);',
    replace: 'let inside = steps <= vec4u(end);',
    caughtBy: ['matmul: gradient, large and small in turn (5)'],
  },
  {
    name: 'the bias runs along the wrong axis where operands are exchanged',
    file: 'product/skinny.wgsl',
    find: 'select(column, row, has(exchanged))',
    replace: 'column',
    caughtBy: ['linear: value, leading axes'],
  },
];
