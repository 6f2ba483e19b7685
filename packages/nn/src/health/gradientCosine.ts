import {
  add,
  ArgumentError,
  disposeTree,
  fullBptt,
  keep,
  mul,
  scope,
  sqrt,
  stack,
  sum,
  treeLeaves,
  treeMap,
  treeZip,
  type Key,
  type SequenceTask,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';

/** Where to start, and what is drawn. */
export interface GradientCosineOptions<C = unknown> {
  /** Default is the task's initial carry. */
  readonly carry?: C;
  /** Random numbers of the run; default is none. */
  readonly key?: Key | null;
}

const cosineTable = optionTable<GradientCosineOptions>({ carry: 'tree', key: 'key or null' });

/** A strategy's gradient beside the full one. */
export interface GradientCosine {
  /** `g·ĝ / (‖g‖ ‖ĝ‖)`: 1 where both point the same way, below 0 where a step by the one makes worse what the other would make better. */
  readonly cosine: number;
  /** `‖ĝ‖ / ‖g‖`. */
  readonly ratio: number;
}

/**
 * Compares the gradient ĝ of a strategy, all updates of a stretch added up at frozen parameters, with the full one, g. Of a strategy
 * that draws, it is one sample. NaN where one of them is 0 or not finite.
 */
export async function gradientCosine<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: NoInfer<P>,
  stretch: NoInfer<S>,
  strategy: Strategy,
  options: GradientCosineOptions<C> = {},
): Promise<GradientCosine> {
  checkOptions('gradientCosine', options, cosineTable);
  if (typeof (strategy as Strategy | null | undefined)?.start !== 'function')
    throw new ArgumentError(
      'gradientCosine: the fourth argument is a strategy, such as truncatedBptt({ updateEvery: 20 }).',
    );
  const products = scope(() => {
    const [full, other] = [fullBptt(), strategy].map((each) =>
      treeLeaves(totalGradient(each, task, params, stretch, options)),
    );
    const dot = (a: readonly Tensor[], b: readonly Tensor[]): Tensor =>
      a.map((leaf, index) => sum(mul(leaf, b[index] as Tensor))).reduce((x, y) => add(x, y));
    const [f, o] = [full as Tensor[], other as Tensor[]];
    return keep(stack([dot(f, o), sqrt(dot(f, f)), sqrt(dot(o, o))]));
  });
  try {
    const [dot, full, other] = (await products.read()) as unknown as [number, number, number];
    return { cosine: dot / full / other, ratio: other / full };
  } finally {
    products.dispose();
  }
}

/** All updates of a strategy over a stretch, added up; belongs to the caller's scope. */
function totalGradient<P, C, S, O>(
  strategy: Strategy,
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  { carry, key = null }: GradientCosineOptions<C>,
): P {
  const run = strategy.start(task, carry === undefined ? { key } : { key, carry });
  try {
    let total: P | null = null;
    for (const updates of [run.push(params, stretch), run.finish(params)]) {
      for (const { gradient } of updates) {
        const before: P | null = total;
        total =
          before === null ? treeMap(gradient, (leaf) => mul(leaf, 1)) : treeZip(before, gradient, (a, b) => add(a, b));
        disposeTree(before);
      }
    }
    if (total !== null) return total;
    throw new ArgumentError(`gradientCosine: the strategy ${strategy.name} made no update of the stretch.`);
  } finally {
    run.dispose();
  }
}
