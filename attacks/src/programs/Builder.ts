import type { Tensor } from '@tempograd/core';
import type { Random } from '../Random.js';
import { broadcast, build, sizeOf, type HyperArray } from './HyperArray.js';
import { constant, sizeOfParts } from './Hyper.js';
import { fitSteps } from './views.js';

/** One op of a program: on a backend, and on the host by the plainest means. */
export interface Step {
  /** As it is printed, `slice [0,1] [2,2]`. */
  readonly name: string;
  /** The values it takes, by number: the inputs, then the results of steps. */
  readonly args: readonly number[];
  apply(...xs: Tensor[]): Tensor;
  /** `margin` is told how far every number is from a place where the function has a kink or a jump. */
  form(xs: readonly HyperArray[], margin: (distance: number) => void): HyperArray;
}

/** A function of some arrays, as a list of steps; its value is the last one's. */
export interface Program {
  readonly inputs: readonly HyperArray[];
  readonly steps: readonly Step[];
}

/** Thrown where a step would bring numbers that two correct ways to compute may differ in. */
class Unfit extends Error {}

/** Nearer to a kink than this, rounding decides on which side a number is. */
const leastMargin = 2e-3;

/** Larger numbers than this lose, in f32, what is compared. */
const largestNumber = 30;

/** Puts a program together, step by step, looking at the values that come out. */
export class Builder {
  readonly random: Random;
  readonly inputs: readonly HyperArray[];
  readonly steps: Step[] = [];
  readonly #values: HyperArray[];

  constructor(random: Random, inputs: readonly HyperArray[]) {
    this.random = random;
    this.inputs = inputs;
    this.#values = [...inputs];
  }

  /** How many values there are. */
  get count(): number {
    return this.#values.length;
  }

  shape(value: number): readonly number[] {
    return (this.#values[value] as HyperArray).shape;
  }

  /** Any value; late ones more often, so that programs get deep. */
  any(): number {
    return this.random.next() < 0.5
      ? this.random.whole(0, this.count)
      : this.count - 1 - this.random.whole(0, Math.min(4, this.count));
  }

  /** Any value with at least one element and `rank` axes or more. */
  ranked(rank: number): number {
    const value = this.any();
    if (this.shape(value).length >= rank) return value;
    return this.fitted(Array.from({ length: rank }, () => this.random.whole(1, 4)));
  }

  /** Any value brought to a shape. */
  fitted(shape: readonly number[]): number {
    let value = this.any();
    for (const step of fitSteps(value, this.shape(value), shape)) value = this.push({ ...step, args: [value] });
    return value;
  }

  /** A value that broadcasts with one of this shape. */
  beside(shape: readonly number[]): number {
    const value = this.any();
    const both = broadcast(shape, this.shape(value));
    if (both !== null && sizeOf(both) <= 64) return value;
    const axes = shape.map((length) => (this.random.next() < 0.3 ? 1 : length));
    return this.fitted(axes.slice(this.random.next() < 0.3 ? this.random.whole(0, axes.length + 1) : 0));
  }

  /** Adds a step; returns the number of its value. @throws Unfit */
  push(step: Step): number {
    const value = step.form(
      step.args.map((index) => this.#values[index] as HyperArray),
      (distance) => {
        if (!(distance > leastMargin)) throw new Unfit('near a kink');
      },
    );
    if (value.values.some((x) => !(sizeOfParts(x) < largestNumber))) throw new Unfit('a large number');
    if (value.values.length > 96) throw new Unfit('a large array');
    this.steps.push(step);
    this.#values.push(value);
    return this.#values.length - 1;
  }

  /** Runs `make`; where it brings something unfit, all is as before and the answer is false. */
  attempt(make: (builder: Builder) => unknown): boolean {
    const [steps, values] = [this.steps.length, this.#values.length];
    try {
      make(this);
      return true;
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      this.steps.length = steps;
      this.#values.length = values;
      return false;
    }
  }
}

/** Numbers that two dtypes have in common. */
export function draw(random: Random, shape: readonly number[]): HyperArray {
  return build(shape, () => constant(Math.fround(random.next() * 3 - 1.5)));
}
