import { ArgumentError } from '../../backend/index.js';
import { applyFused, present } from '../applyFused.js';
import { newTensor } from '../bind.js';
import type { FusedOp } from '../FusedOp.js';
import { add, div, equal, mul, select, sqrt, sum } from '../ops/index.js';
import { scope } from '../scope.js';
import type { ArrayTensor, Tensor } from '../Tensor.js';
import { treeLeaves } from '../tree.js';

interface Inputs {
  readonly xs: readonly Tensor[];
}

const fusedGlobalNorm: FusedOp<Inputs, null> = {
  family: 'globalNorm',
  kinds: { xs: 'float' },
  forward(backend, { xs }) {
    const handle = present(backend.globalNorm).call(backend, xs);
    return { outputs: [newTensor(backend, handle, [], (xs[0] as ArrayTensor).dtype)], saved: [] };
  },
  backward(_backend, { inputs: { xs }, outputs: [norm], cotangents: [cotangent], wants }) {
    const isZero = equal(norm as Tensor, 0);
    const factor = select(isZero, 0, div(cotangent as Tensor, select(isZero, 1, norm as Tensor)));
    return { xs: xs.map((x, index) => (wants.xs[index] ? mul(x, factor) : null)) };
  },
  composed({ xs }) {
    const squares = xs.map((x) => sum(mul(x, x))).reduce((a, b) => add(a, b));
    // √ has no slope at 0: its gradient there would be 0 · ∞.
    const isZero = equal(squares, 0);
    return [select(isZero, 0, sqrt(select(isZero, 1, squares)))];
  },
};

/** `√Σx²` over every element of a tree of tensors of one dtype, a scalar: the norm that clipping by global norm looks at. Gradient 0 at 0. */
export function globalNorm(tree: unknown): Tensor {
  const leaves = treeLeaves(tree);
  if (leaves.length === 0) throw new ArgumentError('globalNorm: the tree has no tensors.');
  return scope(() => applyFused(fusedGlobalNorm, { xs: leaves }, null)[0] as Tensor);
}
