import * as tg from '@tempograd/core';
import type { Random } from '../Random.js';
import type { Builder, Step } from './Builder.js';
import { at, build, permuted, sizeOf, type HyperArray } from './HyperArray.js';

type Shape = readonly number[];

const reshapeStep = (value: number, shape: Shape): Step => ({
  name: `reshape [${String(shape)}]`,
  args: [value],
  apply: (x) => tg.reshape(x, shape),
  form: ([x]) => ({ shape, values: (x as HyperArray).values }),
});

const broadcastStep = (value: number, shape: Shape): Step => ({
  name: `broadcastTo [${String(shape)}]`,
  args: [value],
  apply: (x) => tg.broadcastTo(x, shape),
  form: ([x]) => build(shape, (place) => at(x as HyperArray, place)),
});

const sliceStep = (value: number, begin: Shape, size: Shape): Step => ({
  name: `slice [${String(begin)}] [${String(size)}]`,
  args: [value],
  apply: (x) => tg.slice(x, begin, size),
  form: ([x]) =>
    build(size, (place) =>
      at(
        x as HyperArray,
        place.map((coordinate, axis) => coordinate + (begin[axis] as number)),
      ),
    ),
});

/** What brings an array to another shape: laid end to end, repeated, cut and shaped. */
export function fitSteps(value: number, from: Shape, to: Shape): Step[] {
  if (from.join() === to.join()) return [];
  const [have, want] = [sizeOf(from), sizeOf(to)];
  const times = Math.ceil(want / have);
  if (times === 1 && have === want) return [reshapeStep(value, to)];
  return [
    ...(from.length === 1 ? [] : [reshapeStep(value, [have])]),
    ...(times > 1 ? [broadcastStep(value, [times, have]), reshapeStep(value, [times * have])] : []),
    ...(times * have > want ? [sliceStep(value, [times * have - want], [want])] : []),
    ...(to.length === 1 ? [] : [reshapeStep(value, to)]),
  ];
}

const axesOf = (random: Random, shape: Shape): number[] =>
  shape.flatMap((_, axis) => (random.next() < 0.5 ? [axis] : []));

function shuffled(random: Random, count: number): number[] {
  const left = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: count }, () => left.splice(random.whole(0, left.length), 1)[0] as number);
}

function flatten(builder: Builder): void {
  const value = builder.any();
  const size = sizeOf(builder.shape(value));
  const divisors = Array.from({ length: size }, (_, index) => index + 1).filter((length) => size % length === 0);
  const rows = builder.random.pick(divisors);
  builder.push(reshapeStep(value, builder.random.next() < 0.3 ? [size] : [rows, 1, size / rows]));
}

function transpose(builder: Builder): void {
  const value = builder.ranked(2);
  const order = shuffled(builder.random, builder.shape(value).length);
  builder.push({
    name: `transpose [${String(order)}]`,
    args: [value],
    apply: (x) => tg.transpose(x, order),
    form: ([x]) => permuted(x as HyperArray, order),
  });
}

function stretch(builder: Builder): void {
  const value = builder.any();
  const own = builder.shape(value).map((length) => (length === 1 ? builder.random.whole(1, 4) : length));
  builder.push(broadcastStep(value, builder.random.next() < 0.5 ? [builder.random.whole(1, 4), ...own] : own));
}

function cut(builder: Builder): void {
  const value = builder.ranked(1);
  const shape = builder.shape(value);
  const begin = shape.map((length) => builder.random.whole(0, length));
  builder.push(
    sliceStep(
      value,
      begin,
      shape.map((length, axis) => builder.random.whole(1, length - (begin[axis] as number) + 1)),
    ),
  );
}

function row(builder: Builder): void {
  const value = builder.ranked(2);
  const [length, ...rest] = builder.shape(value) as [number, ...number[]];
  const index = builder.random.whole(0, length);
  builder.push({
    name: `row ${index}`,
    args: [value],
    apply: (x) => tg.row(x, index),
    form: ([x]) => build(rest, (place) => at(x as HyperArray, [index, ...place])),
  });
}

function flip(builder: Builder): void {
  const value = builder.ranked(1);
  const shape = builder.shape(value);
  const axes = axesOf(builder.random, shape);
  builder.push({
    name: `flip [${String(axes)}]`,
    args: [value],
    apply: (x) => tg.flip(x, axes),
    form: ([x]) =>
      build(shape, (place) =>
        at(
          x as HyperArray,
          place.map((coordinate, axis) =>
            axes.includes(axis) ? (shape[axis] as number) - 1 - coordinate : coordinate,
          ),
        ),
      ),
  });
}

/** `concat`, or `stack` along a new axis. */
function join(builder: Builder): void {
  const first = builder.ranked(1);
  const shape = builder.shape(first);
  const stacks = builder.random.next() < 0.4;
  const axis = builder.random.whole(0, shape.length + Number(stacks));
  const parts = [
    first,
    ...Array.from({ length: builder.random.whole(1, 3) }, () =>
      builder.fitted(
        stacks ? shape : shape.map((length, other) => (other === axis ? builder.random.whole(1, 4) : length)),
      ),
    ),
  ];
  builder.push({
    name: `${stacks ? 'stack' : 'concat'} axis ${axis}`,
    args: parts,
    apply: (...xs) => (stacks ? tg.stack(xs, axis) : tg.concat(xs, axis)),
    form: (xs) => joined(stacks ? xs.map((x) => ({ ...x, shape: x.shape.toSpliced(axis, 0, 1) })) : xs, axis),
  });
}

function joined(xs: readonly HyperArray[], axis: number): HyperArray {
  const owners = xs.flatMap((x) => Array.from({ length: x.shape[axis] as number }, (_, index) => ({ x, index })));
  const shape = (xs[0] as HyperArray).shape.with(axis, owners.length);
  return build(shape, (place) => {
    const { x, index } = owners[place[axis] as number] as (typeof owners)[number];
    return at(x, place.with(axis, index));
  });
}

/** Ops that move elements. */
export const viewMakers: readonly ((builder: Builder) => void)[] = [flatten, transpose, stretch, cut, row, flip, join];
