import * as core from '@tempograd/core';
import type { Tensor } from '@tempograd/core';
import type { Check } from '../check/Check.js';
import type { OpClass } from '../check/tolerances.js';
import { build, floats, ints, type HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { innerProduct, normOf } from '../subject/differences.js';
import { gradientOn, tangentOn, type TensorFunction } from '../subject/evaluate.js';
import { asList } from '../subject/Subject.js';

/** A function at a place where its gradient is laid down by the documentation and not by a limit. */
interface Edge {
  readonly op: string;
  readonly title: string;
  readonly inputs: readonly HostArray[];
  readonly apply: TensorFunction;
  readonly cotangent: HostArray;
  /** Of the float inputs. */
  readonly gradients: readonly HostArray[];
  /** Default is true. If false, the gradient changes with the inputs, and its own gradient is not looked at. */
  readonly piecewiseLinear?: boolean;
  readonly opClass?: OpClass;
}

const vector = (...values: number[]): HostArray => floats([values.length], values);

const edges: readonly Edge[] = [
  {
    op: 'abs',
    title: 'at 0',
    inputs: [vector(0, -0, 2, -2)],
    apply: (x) => core.abs(x),
    cotangent: vector(3, 4, 5, 6),
    gradients: [vector(0, 0, 5, -6)],
  },
  {
    op: 'relu',
    title: 'at 0',
    inputs: [vector(0, -0, 2, -2)],
    apply: (x) => core.relu(x),
    cotangent: vector(3, 4, 5, 6),
    gradients: [vector(0, 0, 5, 0)],
  },
  ...(['sign', 'floor'] as const).map((op): Edge => ({
    op,
    title: 'at a jump',
    inputs: [vector(0, 1, -1, 0.5)],
    apply: (x) => core[op](x),
    cotangent: vector(3, 4, 5, 6),
    gradients: [vector(0, 0, 0, 0)],
  })),
  {
    op: 'sqrt',
    title: 'at 0',
    inputs: [vector(0, 4)],
    apply: (x) => core.sqrt(x),
    cotangent: vector(2, 2),
    gradients: [vector(Infinity, 0.5)],
    piecewiseLinear: false,
  },
  {
    op: 'pow',
    title: 'at 0',
    inputs: [vector(0, 0, 0, 2), vector(0, 1, 2, 0)],
    apply: (a, b) => core.pow(a, b),
    cotangent: vector(3, 4, 5, 6),
    gradients: [vector(0, 4, 0, 0), vector(0, 0, 0, 6 * Math.LN2)],
    piecewiseLinear: false,
    opClass: 'elementwise',
  },
  ...(['maximum', 'minimum'] as const).map((op): Edge => ({
    op,
    title: 'of equal numbers',
    inputs: [vector(1, 0, -3, 2), vector(1, -0, -3, 2)],
    apply: (a, b) => core[op](a, b),
    cotangent: vector(3, 4, 5, 6),
    gradients: [vector(1.5, 2, 2.5, 3), vector(1.5, 2, 2.5, 3)],
  })),
  {
    op: 'max',
    title: 'of equal numbers',
    inputs: [floats([2, 4], [7, 1, 7, 0, 3, 3, 3, 3])],
    apply: (x) => core.max(x, { axes: 1 }),
    cotangent: vector(3, 8),
    gradients: [floats([2, 4], [1.5, 0, 1.5, 0, 2, 2, 2, 2])],
  },
  {
    op: 'sum',
    title: 'of nothing',
    inputs: [floats([2, 0], [])],
    apply: (x) => core.sum(x, { axes: 1 }),
    cotangent: vector(3, 4),
    gradients: [floats([2, 0], [])],
  },
  {
    op: 'matmul',
    title: 'with an inner length of 0',
    inputs: [floats([2, 0], []), floats([0, 3], [])],
    apply: (a, b) => core.matmul(a, b),
    cotangent: build([2, 3], (i) => i),
    gradients: [floats([2, 0], []), floats([0, 3], [])],
  },
  ...[false, true].map((transposeB): Edge => ({
    op: 'matmul',
    title: `with an inner length of 0, a batch${transposeB ? ', second transposed' : ''}`,
    inputs: [floats([2, 2, 0], []), floats(transposeB ? [3, 0] : [0, 3], [])],
    apply: (a, b) => core.matmul(a, b, { transposeB }),
    cotangent: build([2, 2, 3], (i) => i),
    gradients: [floats([2, 2, 0], []), floats(transposeB ? [3, 0] : [0, 3], [])],
  })),
  {
    op: 'matmul',
    title: 'with no rows, a batch',
    inputs: [floats([2, 0, 2], []), floats([2, 1], [1, 2])],
    apply: (a, b) => core.matmul(a, b),
    cotangent: floats([2, 0, 1], []),
    gradients: [floats([2, 0, 2], []), floats([2, 1], [0, 0])],
  },
  {
    op: 'gather',
    title: 'rows outside',
    inputs: [floats([2, 2], [1, 2, 3, 4]), ints([5], [0, -1, 1, 2, 1000])],
    apply: (x, rows) => core.gather(x, rows),
    cotangent: build([5, 2], (i) => i + 1),
    gradients: [floats([2, 2], [1, 2, 5, 6])],
  },
  {
    op: 'scatterAdd',
    title: 'rows outside',
    inputs: [ints([5], [0, -1, 1, 2, 1000]), build([5, 2], (i) => i + 1)],
    apply: (rows, updates) => core.scatterAdd(rows, updates, 2),
    cotangent: floats([2, 2], [10, 20, 30, 40]),
    gradients: [floats([5, 2], [10, 20, 0, 0, 30, 40, 0, 0, 0, 0])],
  },
  {
    op: 'scatterAdd',
    title: 'into no rows',
    inputs: [ints([2], [0, 1]), vector(1, 2)],
    apply: (rows, updates) => core.scatterAdd(rows, updates, 0),
    cotangent: floats([0], []),
    gradients: [vector(0, 0)],
  },
  {
    op: 'stopGradient',
    title: 'beside a path that passes',
    inputs: [vector(2, -3)],
    apply: (x) => core.mul(core.stopGradient(x), x),
    cotangent: vector(5, 7),
    gradients: [vector(10, -21)],
    piecewiseLinear: false,
  },
  {
    op: 'linear',
    title: 'with no features',
    inputs: [floats([2, 3, 0], []), floats([2, 0], []), vector(1, 2)],
    apply: (x, weight, bias) => core.linear(x, weight, bias),
    cotangent: build([2, 3, 2], (i) => i),
    gradients: [floats([2, 3, 0], []), floats([2, 0], []), vector(30, 36)],
  },
  {
    op: 'linear',
    title: 'with no outputs',
    inputs: [floats([2, 2], [1, 2, 3, 4]), floats([0, 2], [])],
    apply: (x, weight) => core.linear(x, weight),
    cotangent: floats([2, 0], []),
    gradients: [floats([2, 2], [0, 0, 0, 0]), floats([0, 2], [])],
  },
  {
    op: 'softmaxCrossEntropy',
    title: 'rows that are ignored hold anything',
    inputs: [floats([3, 2], [NaN, 1, 0, 0, Infinity, -Infinity]), ints([3], [-1, 1, -100])],
    apply: (logits, targets) => core.softmaxCrossEntropy(logits, targets),
    cotangent: vector(3, 4, 5),
    gradients: [floats([3, 2], [0, 0, 2, -2, 0, 0])],
    piecewiseLinear: false,
    opClass: 'normalised',
  },
  {
    op: 'globalNorm',
    title: 'at 0',
    inputs: [vector(0, 0), floats([1, 2], [0, 0])],
    apply: (...xs) => core.globalNorm(xs),
    cotangent: floats([], [3]),
    gradients: [vector(0, 0), floats([1, 2], [0, 0])],
  },
  {
    op: 'globalNorm',
    title: 'of nothing',
    inputs: [floats([0], [])],
    apply: (...xs) => core.globalNorm(xs),
    cotangent: floats([], [3]),
    gradients: [floats([0], [])],
  },
];

/** `c · apply(x)` pulled back to the float inputs, as a function of cotangent and inputs that is differentiated in turn. */
function gradientFunction({ apply, inputs }: Edge): TensorFunction {
  return (cotangent, ...all) => {
    const moving = all.filter((_, index) => inputs[index]?.kind === 'float');
    const fn = (xs: Tensor[]): Tensor => {
      let next = 0;
      const [y] = asList<Tensor>(apply(...all.map((x, i) => (inputs[i]?.kind === 'float' ? xs[next++]! : x))));
      return y!;
    };
    const { pullback } = core.vjp(fn, moving);
    try {
      return pullback(cotangent);
    } finally {
      pullback.dispose();
    }
  };
}

/** Backward, forward, and backward through the backward pass. */
async function checkEdge(check: Check, edge: Edge, apply: TensorFunction): Promise<void> {
  const { inputs, cotangent, gradients, piecewiseLinear = true, opClass = 'exact' } = edge;
  const as = (what: string) => ({ measure: 'gradient', opClass, what }) as const;
  const actual = await gradientOn(check.device, apply, inputs, [cotangent]);
  check.compareAll(actual, gradients, as('the gradient of float input'));
  if (gradients.some(({ values }) => values.some((value) => !Number.isFinite(value)))) return;

  const directions = inputs.map((x) => (x.kind === 'float' ? check.sample.signs(x.shape) : x));
  const along = directions.filter((_, index) => inputs[index]?.kind === 'float');
  const tangents = await tangentOn(check.device, apply, inputs, directions);
  check.compareNumber(innerProduct(tangents, [cotangent]), innerProduct(gradients, along), normOf(gradients), {
    ...as('⟨w, Jv⟩ against ⟨Jᵀw, v⟩'),
    opClass: 'product',
  });

  const second = gradientFunction({ ...edge, apply });
  const [ofCotangent, ...ofInputs] = await gradientOn(check.device, second, [cotangent, ...inputs], along);
  check.compare(ofCotangent!, tangents[0]!, {
    ...as('the gradient of ⟨Jᵀw, v⟩ with respect to w'),
    opClass: 'product',
  });
  for (const [index, x] of ofInputs.entries()) {
    const what = `the gradient of ⟨Jᵀw, v⟩ with respect to float input ${index}`;
    const finite = x.values.every((value) => Number.isFinite(value));
    check.require(finite, `${what} is ${x.values.join(', ')}`);
    if (piecewiseLinear) check.compare(x, { ...x, values: x.values.map(() => 0) }, as(what));
  }
}

/** Gradients of each place that the documentation speaks of, on the path the backend takes and on the composed one. */
export const edgeGradientCases: readonly ConformanceCase[] = edges.map((edge) =>
  defineCase(
    { name: `${edge.op}: gradient, ${edge.title}`, group: 'edgeGradients', op: edge.op, kind: 'gradient' },
    async (check) => {
      await checkEdge(check, edge, (...xs) => check.recordPaths(() => edge.apply(...xs)).result);
      await checkEdge(check, edge, (...xs) => core.withoutFusedOps(() => edge.apply(...xs)));
    },
  ),
);
