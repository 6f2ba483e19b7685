import * as tg from '@tempograd/core';
import type { Builder } from './Builder.js';
import {
  constant,
  exp,
  log,
  minus,
  over,
  plus,
  power,
  scaled,
  sigmoid,
  tanh,
  through,
  times,
  type Hyper,
} from './Hyper.js';
import { broadcast, sizeOf, zip } from './HyperArray.js';

type Margin = (distance: number) => void;

/** Each unary op on the host. Where it has a kink or a jump, the distance to it is told. */
const unary: Readonly<
  Record<string, { apply: (x: tg.Tensor) => tg.Tensor; form: (x: Hyper, margin: Margin) => Hyper }>
> = {
  neg: { apply: tg.neg, form: (x) => scaled(x, -1) },
  abs: { apply: tg.abs, form: (x, margin) => scaled(x, signAt(x, margin)) },
  sign: { apply: tg.sign, form: (x, margin) => constant(signAt(x, margin)) },
  floor: {
    apply: tg.floor,
    form: (x, margin) => {
      margin(Math.abs(x.v - Math.round(x.v)));
      return constant(Math.floor(x.v));
    },
  },
  exp: { apply: tg.exp, form: exp },
  log: { apply: tg.log, form: (x, margin) => log(above(x, 0, margin)) },
  log1p: { apply: tg.log1p, form: (x, margin) => log(plus(above(x, -1, margin), constant(1))) },
  sqrt: { apply: tg.sqrt, form: (x, margin) => power(above(x, 0, margin), 0.5) },
  sin: { apply: tg.sin, form: (x) => through(x, Math.sin(x.v), Math.cos(x.v), -Math.sin(x.v)) },
  cos: { apply: tg.cos, form: (x) => through(x, Math.cos(x.v), -Math.sin(x.v), -Math.cos(x.v)) },
  tanh: { apply: tg.tanh, form: tanh },
  sigmoid: { apply: tg.sigmoid, form: sigmoid },
  relu: { apply: tg.relu, form: (x, margin) => scaled(x, Math.max(signAt(x, margin), 0)) },
  stopGradient: { apply: (x) => tg.stopGradient(x), form: (x) => constant(x.v) },
};

function signAt({ v }: Hyper, margin: Margin): number {
  margin(Math.abs(v));
  return Math.sign(v);
}

/** Functions that are steep beside the end of their domain are kept at a distance from it. */
function above(x: Hyper, end: number, margin: Margin): Hyper {
  margin((x.v - end) / 50);
  return x;
}

const binary: Readonly<Record<string, { apply: typeof tg.add; form: (x: Hyper, y: Hyper, margin: Margin) => Hyper }>> =
  {
    add: { apply: tg.add, form: plus },
    sub: { apply: tg.sub, form: minus },
    mul: { apply: tg.mul, form: times },
    div: {
      apply: tg.div,
      form: (x, y, margin) => {
        margin(Math.abs(y.v) / 100);
        return over(x, y);
      },
    },
    pow: { apply: tg.pow, form: (x, y, margin) => exp(times(log(above(x, 0, margin)), y)) },
    maximum: { apply: tg.maximum, form: (x, y, margin) => (isLess(x, y, margin) ? y : x) },
    minimum: { apply: tg.minimum, form: (x, y, margin) => (isLess(x, y, margin) ? x : y) },
  };

function isLess(x: Hyper, y: Hyper, margin: Margin): boolean {
  margin(Math.abs(x.v - y.v));
  return x.v < y.v;
}

function unaryStep(builder: Builder): void {
  const [name, { apply, form }] = builder.random.pick(Object.entries(unary));
  builder.push({
    name,
    args: [builder.any()],
    apply,
    form: ([x], margin) => zip([x!], (element) => form(element, margin)),
  });
}

/** Above 0 for certain, for functions that need it: `x² + ½`. */
function positive(builder: Builder, value: number): number {
  const square = builder.push({
    name: 'square',
    args: [value],
    apply: (x) => tg.mul(x, x),
    form: ([x]) => zip([x!], (y) => times(y, y)),
  });
  return builder.push({
    name: 'add 0.5',
    args: [square],
    apply: (x) => tg.add(x, 0.5),
    form: ([x]) => zip([x!], (y) => plus(y, constant(0.5))),
  });
}

function positiveStep(builder: Builder): void {
  const name = builder.random.pick(['log', 'sqrt', 'log1p'] as const);
  const { apply, form } = unary[name]!;
  builder.push({
    name,
    args: [positive(builder, builder.any())],
    apply,
    form: ([x], margin) => zip([x!], (y) => form(y, margin)),
  });
}

function binaryStep(builder: Builder): void {
  const [name, { apply, form }] = builder.random.pick(Object.entries(binary));
  let first = builder.any();
  if (name === 'pow') first = positive(builder, first);
  let second = builder.beside(builder.shape(first));
  if (name === 'div') second = positive(builder, second);
  builder.push({
    name,
    args: [first, second],
    apply,
    form: ([x, y], margin) => zip([x!, y!], (a, b) => form(a, b, margin)),
  });
}

/** An op with a number in the place of a tensor, on either side. */
function numberStep(builder: Builder): void {
  const [name, { apply, form }] = builder.random.pick(Object.entries(binary));
  const number = name === 'pow' ? builder.random.pick([2, 0.5, -1, 3]) : builder.random.pick([0, 1, -1, 0.75, 2]);
  const first = name !== 'pow' && builder.random.next() < 0.4;
  let value = builder.any();
  if (name === 'pow' || name === 'div') value = positive(builder, value);
  builder.push({
    name: `${name} with ${number} ${first ? 'first' : 'second'}`,
    args: [value],
    apply: (x) => (first ? apply(number, x) : apply(x, number)),
    form: ([x], margin) =>
      zip([x!], (y) => (first ? form(constant(number), y, margin) : form(y, constant(number), margin))),
  });
}

const comparisons = { less: tg.less, lessEqual: tg.lessEqual } as const;

/** One of two branches, by a comparison. */
function selectStep(builder: Builder): void {
  const first = builder.any();
  const second = builder.beside(builder.shape(first));
  const both = broadcast(builder.shape(first), builder.shape(second)) ?? [];
  const [name, compare] = builder.random.pick(Object.entries(comparisons));
  const branch = builder.beside(both);
  if (sizeOf(both) > 64) return;
  builder.push({
    name: `select by ${name}, else 0.25`,
    args: [first, second, branch],
    apply: (x, y, z) => tg.select(compare(x, y), z, 0.25),
    form: ([x, y, z], margin) => zip([x!, y!, z!], (a, b, c) => (isLess(a, b, margin) ? c : constant(0.25))),
  });
}

/** Ops on single elements. */
export const elementwiseMakers: readonly ((builder: Builder) => void)[] = [
  unaryStep,
  unaryStep,
  positiveStep,
  binaryStep,
  binaryStep,
  numberStep,
  selectStep,
];
