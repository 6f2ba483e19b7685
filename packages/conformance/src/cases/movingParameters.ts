import {
  fromArray,
  mul,
  row,
  scalar,
  sgdStep,
  stack,
  sum,
  zeros,
  add,
  disposeTree,
  type SequenceTask,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import type { FloatDType } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { floats } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';

/** `x_t = w·x_{t−1} + u_t` from x₀, with the loss x_t at every step: small enough to differentiate by hand. */
function linearTask(start: number, dtype: FloatDType): SequenceTask<Tensor, Tensor, Tensor, Tensor> {
  return {
    initialCarry: () => scalar(start, { dtype }),
    forward(w, carry, stretch) {
      let x = carry;
      const outputs: Tensor[] = [];
      for (let t = 0; t < (stretch.shape[0] as number); t++) {
        x = add(mul(w, x), row(stretch, t));
        outputs.push(x);
      }
      return { carry: x, output: stack(outputs) };
    },
    loss: (_, output) => sum(output),
  };
}

/** The gradient of each update while w takes the given values, one at each update; u is 0. */
async function gradientsWhileMoving(
  check: Check,
  strategy: Strategy,
  values: readonly number[],
  pushes: readonly number[],
  start: number,
): Promise<number[]> {
  const gradients = await check.device.run(() => {
    const { dtype } = check;
    const run = strategy.start(linearTask(start, dtype));
    const found: Tensor[] = [];
    try {
      pushes.forEach((steps, index) => {
        const w = scalar(values[index] as number, { dtype });
        for (const { gradient } of run.push(w, zeros([steps], { dtype }))) found.push(add(gradient, 0));
      });
      for (const { gradient } of run.finish(scalar(values.at(-1) as number, { dtype }))) found.push(add(gradient, 0));
    } finally {
      run.dispose();
    }
    return found;
  });
  return gradients.map((x) => x.values[0] as number);
}

function compareNumbers(check: Check, actual: readonly number[], expected: readonly number[], what: string): void {
  check.compare(floats([actual.length], actual), floats([expected.length], expected), {
    measure: 'gradient',
    opClass: 'strategy',
    what,
  });
}

const spec = (name: string): Parameters<typeof defineCase>[0] => ({
  name,
  group: 'strategies',
  op: 'truncatedBptt',
  kind: 'gradient',
});

/** What truncation gives while parameters move, from sums done by hand. */
export const movingParameterCases: readonly ConformanceCase[] = [
  defineCase(spec('truncatedBptt: gradient, the scalar case of 0.108'), async (check) => {
    // x₀ = 0.9, w = 0.2, three steps: dx₃/dw = 3 w² x₀ = 0.108; a loop that detaches wrongly gives 0.288.
    const strategy = check.context.kit.truncatedBptt({ updateEvery: 3, backwardSteps: 3, lossScope: 'last' });
    compareNumbers(check, await gradientsWhileMoving(check, strategy, [0.2], [3], 0.9), [0.108], 'dx₃/dw');
  }),
  defineCase(spec('truncatedBptt: gradient, stored steps keep the parameters they ran with'), async (check) => {
    const strategy = check.context.kit.truncatedBptt({ updateEvery: 1, backwardSteps: 2, staleness: 'stored' });
    const [p, q, r] = [0.5, 0.75, -0.25] as const;
    // x₁ = p, x₂ = qp, x₃ = rqp from x₀ = 1. Update 1: x₀. Update 2: x₁ + q·x₀. Update 3: x₂ + r·x₁.
    const expected = [1, p + q, q * p + r * p];
    compareNumbers(
      check,
      await gradientsWhileMoving(check, strategy, [p, q, r], [1, 1, 1], 1),
      expected,
      'the updates',
    );
  }),
  defineCase(spec('truncatedBptt: gradient, recomputed steps use the parameters of now'), async (check) => {
    const strategy = check.context.kit.truncatedBptt({ updateEvery: 1, backwardSteps: 2, staleness: 'recompute' });
    const [p, q] = [0.5, 0.75] as const;
    // Update 1: x₀ = 1. Update 2 runs step 1 again with q: x₁ = q, so q·x₀ + x₁ = 2q.
    compareNumbers(check, await gradientsWhileMoving(check, strategy, [p, q], [1, 1], 1), [1, 2 * q], 'the updates');
  }),
  defineCase(
    spec('truncatedBptt: gradient, parameters changed in place are seen by the next update'),
    async (check) => {
      const { dtype } = check;
      const strategy = check.context.kit.truncatedBptt({ updateEvery: 2 });
      const found = await check.device.run(() => {
        const w = scalar(0.5, { dtype });
        const run = strategy.start(linearTask(1, dtype));
        try {
          for (const { gradient } of run.push(w, fromArray([1, 1, 1, 1], [4], { dtype }))) {
            const settings = { momentum: 0, nesterov: false, weightDecay: 0 };
            sgdStep(w, gradient, { velocity: null }, { learningRate: 0.125, step: 1 }, settings);
          }
        } finally {
          run.dispose();
        }
        return [w];
      });
      // Chunk 1 at w = ½: x₁ = 1.5, x₂ = 1.75, gradient x₀ + (x₁ + w·x₀) = 3; w becomes ⅛.
      // Chunk 2 at w = ⅛ from x₂: x₃ = 1 + w·x₂, gradient x₂ + (x₃ + w·x₂).
      const w = 0.5 - 0.125 * 3;
      const third = 1 + w * 1.75;
      compareNumbers(
        check,
        [...(found[0]?.values ?? [])],
        [w - 0.125 * (1.75 + third + w * 1.75)],
        'w after two updates',
      );
    },
  ),
  defineCase(spec('truncatedBptt: gradient, goes on from a snapshot'), async (check) => {
    const { dtype } = check;
    const strategy = check.context.kit.truncatedBptt({ updateEvery: 2, backwardSteps: 3 });
    const collect = (
      from: ReturnType<Strategy['start']>,
      w: Tensor,
      steps: readonly number[],
      into: Tensor[],
    ): void => {
      for (const { gradient } of from.push(w, fromArray(steps, [steps.length], { dtype })))
        into.push(add(gradient as Tensor, 0));
    };
    const all = await check.device.run(() => {
      const w = scalar(0.5, { dtype });
      const [whole, before, after]: [Tensor[], Tensor[], Tensor[]] = [[], [], []];
      const task = linearTask(1, dtype);
      const one = strategy.start(task) as ReturnType<Strategy['start']>;
      collect(one, w, [1, 2, 3, 4, 5, 6], whole);
      one.dispose();
      const first = strategy.start(task);
      collect(first, w, [1, 2, 3], before);
      const snapshot = first.snapshot();
      first.dispose();
      const second = strategy.start(task, { snapshot });
      collect(second, w, [4, 5, 6], after);
      second.dispose();
      for (const tree of [
        snapshot.carry,
        snapshot.pending,
        ...snapshot.pieces.flatMap(({ params, carry, stretch }) => [params, carry, stretch]),
      ]) {
        disposeTree(tree);
      }
      return [stack(whole), stack([...before, ...after])];
    });
    check.compare(all[1]!, all[0]!, {
      measure: 'gradient',
      opClass: 'strategy',
      what: 'the updates of a run gone on with',
    });
  }),
];
