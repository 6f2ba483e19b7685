import {
  add,
  currentBackend,
  scope,
  treeLeaves,
  valueAndGrad,
  type Key,
  type SequenceTask,
  type StepResult,
  type Tensor,
  withBackend,
} from '@tempograd/core';
import { isFloat, type Backend, type FloatDType } from '@tempograd/core/backend';
import { tolerances } from '../check/tolerances.js';
import { cut, readFrom, type Numbers } from './trees.js';

/** What is tried out: a task with parameters and a stretch that starts a sequence. All is borrowed. */
export class Trial<P, C, S, O> {
  readonly task: SequenceTask<P, C, S, O>;
  readonly params: P;
  readonly stretch: S;
  readonly time: number;
  readonly key: Key | null;
  readonly backend: Backend;
  readonly dtype: FloatDType;

  constructor(task: SequenceTask<P, C, S, O>, params: P, stretch: S, time: number, key: Key | null) {
    this.task = task;
    this.params = params;
    this.stretch = stretch;
    this.time = time;
    this.key = key;
    const leaves = treeLeaves([params, stretch]);
    const [first] = leaves;
    this.backend = first?.backend ?? currentBackend();
    this.dtype = (leaves.find(({ dtype }) => isFloat(dtype))?.dtype ?? 'f32') as FloatDType;
  }

  /** How far numbers of two ways to one value may be apart, and how far those of two ways to one gradient. */
  get bounds(): { readonly value: number; readonly gradient: number; readonly differences: number } {
    const { value, gradient, differences } = tolerances[this.dtype].strategy;
    return { value: value.bound, gradient: gradient.bound, differences: differences.bound };
  }

  /** Runs `fn` in a scope, on the backend of the parameters, and reads what it returns; none of it stays. */
  read(fn: () => unknown): Promise<Numbers> {
    return readFrom(() => withBackend(this.backend, fn));
  }

  /** Runs steps `from … to` of a stretch. */
  forward(
    carry: C,
    stretch: S = this.stretch,
    from = 0,
    to: number = this.time,
    params: P = this.params,
  ): StepResult<C, O> {
    return this.task.forward(params, carry, cut(stretch, from, to), { from, key: this.key });
  }

  /** The loss of steps `from … to`, of their outputs. */
  loss(output: O, stretch: S = this.stretch, from = 0, to: number = this.time, params: P = this.params): Tensor {
    return this.task.loss(params, output, cut(stretch, from, to), { from, key: this.key });
  }

  start(stretch: S = this.stretch): C {
    return this.task.initialCarry(this.params, stretch);
  }

  /** The loss of the whole stretch, run in parts that end at these steps. */
  total(params: P, ends: readonly number[] = [this.time]): Tensor {
    return scope(() => {
      let carry = this.task.initialCarry(params, cut(this.stretch, 0, ends[0] as number));
      let [from, sum] = [0, null as Tensor | null];
      for (const to of ends) {
        const result = this.forward(carry, this.stretch, from, to, params);
        const loss = this.loss(result.output, this.stretch, from, to, params);
        sum = sum === null ? loss : add(sum, loss);
        [carry, from] = [result.carry, to];
      }
      return sum as Tensor;
    });
  }

  /** The gradient of that loss. */
  gradient(ends?: readonly number[]): Promise<Numbers> {
    return this.read(() => valueAndGrad((params: P) => this.total(params, ends))(this.params).gradient);
  }

  /** Where to cut the stretch: everywhere, or where it is long in some places. */
  get cuts(): number[] {
    const all = Array.from({ length: this.time - 1 }, (_, index) => index + 1);
    return all.length <= 8 ? all : [1, 2, 3, Math.floor(this.time / 2), this.time - 2, this.time - 1];
  }
}
