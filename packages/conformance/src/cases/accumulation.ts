import { onesLike, recurrent, sliceAxis, sum, treeLeaves, vjp, type Tensor } from '@tempograd/core';
import { recurrentCells, type Backend, type Operand, type RecurrentCell } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { Handles } from '../check/Handles.js';
import type { HostArray } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { sampleSegment, writeSegment, type SegmentShape } from '../subject/recurrentSubject.js';

type Fused = Required<Pick<Backend, 'recurrentForward' | 'recurrentBackward'>>;

const weightNames = ['weightIh', 'weightHh', 'biasIh', 'biasHh'] as const;

/** Weights' gradients are added to those so far, to the bit of what adding them afterwards gives, where nobody else sees it. */
async function checkAccumulation(check: Check, shape: SegmentShape): Promise<void> {
  const segment = sampleSegment(check.sample, shape);
  const backend = check.context.backend;
  const { recurrentForward, recurrentBackward } = backend as Fused;
  const handles = new Handles(check);
  try {
    const args = writeSegment(handles, segment);
    const { output, carry, saved } = recurrentForward.call(backend, args, true);
    [output, ...carry, ...(saved ?? [])].forEach((x) => handles.hold(x));
    const backward = {
      ...args,
      saved: saved ?? [],
      outputCotangent: handles.write(check.sample.floats([shape.time, shape.batch, shape.hidden])),
      carryCotangents: args.carry.map(() => null),
      wants: { input: true, carry: true, weights: true, delta: false },
    };
    const apart = recurrentBackward.call(backend, backward);
    const together = weightNames.filter((name) => args[name] !== null);
    const soFar = Object.fromEntries(
      weightNames.map((name) => [name, args[name] && handles.write(check.sample.floats(args[name].shape))]),
    ) as Record<(typeof weightNames)[number], Operand | null>;
    // A view of what is overwritten keeps its values.
    const views = together.map((name) => {
      const x = soFar[name] as Operand;
      const view = { ...x, handle: backend.reshape(x, x.shape) };
      handles.hold(view);
      return view;
    });
    const before = await Promise.all(views.map((x) => handles.read(x)));
    const expected: HostArray[] = [];
    for (const name of together) {
      const total = {
        ...(soFar[name] as Operand),
        handle: backend.binary('add', soFar[name] as Operand, apart[name] as Operand),
      };
      handles.hold(total);
      expected.push(await handles.read(total));
    }
    const added = recurrentBackward.call(backend, { ...backward, into: soFar });
    const unexpected = weightNames.filter((name) => added[name] !== null);
    for (const result of [apart, added]) {
      const { carry: first, ...others } = result;
      [...(first ?? []), ...Object.values(others)].forEach((x) => x && handles.hold(x));
    }
    check.require(
      unexpected.length === 0,
      `gradients that were to be added were given apart: ${unexpected.join(', ')}`,
    );
    const exact = { measure: 'value', opClass: 'exact' } as const;
    for (const [index, name] of together.entries()) {
      const actual = await handles.read(soFar[name] as Operand);
      check.compare(actual, expected[index] as HostArray, { ...exact, what: `${name}, gradient so far plus gradient` });
      check.compare(await handles.read(views[index] as Operand), before[index] as HostArray, {
        ...exact,
        what: `a view of the gradient so far of ${name}`,
      });
    }
    const inputs = [apart.input, added.input].map((x) => handles.read(x as Operand));
    check.compare(...((await Promise.all(inputs)) as [HostArray, HostArray]), {
      ...exact,
      what: "the input's gradient",
    });
  } finally {
    handles.releaseAll();
  }
}

/** Two parts of a sequence in one pass, and each pulled back on its own, the second first and the first added to it: the same bits. */
async function checkParts(check: Check, shape: SegmentShape): Promise<void> {
  const segment = sampleSegment(check.sample, shape);
  const cut = Math.floor(shape.time / 2);
  const actual = await check.device.run(() => {
    const write = (x: HostArray | null): Tensor | null => x && check.device.write(x);
    const params = {
      weightIh: check.device.write(segment.weightIh),
      weightHh: check.device.write(segment.weightHh),
      biasIh: write(segment.biasIh),
      biasHh: write(segment.biasHh),
    };
    const input = check.device.write(segment.input);
    const mask = write(segment.mask);
    const run = (p: typeof params, carry: readonly Tensor[], from: number, to: number): Part => {
      const part = (x: Tensor): Tensor => sliceAxis(x, from, to);
      const after = recurrent({ ...p, cell: shape.cell, input: part(input), carry, mask: mask && part(mask) });
      return { loss: sum(after.output), carry: after.carry };
    };
    const start = segment.carry.map((x) => check.device.write(x));
    const whole = vjp((p: typeof params) => {
      const first = run(p, start, 0, cut);
      const second = run(p, first.carry, cut, shape.time);
      return { first: first.loss, second: second.loss };
    }, params);
    const together = whole.pullback({ first: onesLike(whole.value.first), second: onesLike(whole.value.second) });
    const first = vjp((x: { p: typeof params; carry: Tensor[] }) => run(x.p, x.carry, 0, cut), {
      p: params,
      carry: start,
    });
    const second = vjp((x: { p: typeof params; carry: Tensor[] }) => run(x.p, x.carry, cut, shape.time), {
      p: params,
      carry: first.value.carry,
    });
    const none = null as unknown;
    const late = second.pullback({ loss: onesLike(second.value.loss), carry: none as Tensor[] });
    const early = first.pullback.accumulate(
      { loss: onesLike(first.value.loss), carry: late.carry },
      { p: late.p, carry: none as Tensor[] },
    );
    for (const { pullback } of [whole, first, second]) pullback.dispose();
    return [...treeLeaves(together), ...treeLeaves(early.p)];
  });
  const half = actual.length / 2;
  check.compareAll(actual.slice(half), actual.slice(0, half), {
    measure: 'value',
    opClass: 'exact',
    what: 'in parts, the gradient of parameter',
  });
}

interface Part {
  readonly loss: Tensor;
  readonly carry: Tensor[];
}

const gradientOf = (cell: RecurrentCell, what: string): Parameters<typeof defineCase>[0] => ({
  name: `${cell}: gradient, ${what}`,
  group: 'recurrent',
  op: cell,
  kind: 'gradient',
});

/** Gradients added to gradients so far. */
export const accumulationCases: readonly ConformanceCase[] = recurrentCells.flatMap((cell) => {
  const shape = { cell, time: 7, batch: 3, inputs: 5, hidden: 6, bias: true, mask: 'none', reverse: false } as const;
  const masked = { ...shape, bias: false, mask: 'holes', reverse: true } as const;
  const requires = { family: 'recurrent' } as const;
  return [
    defineCase({ ...gradientOf(cell, 'added to gradients so far'), requires }, (check) =>
      checkAccumulation(check, shape),
    ),
    defineCase({ ...gradientOf(cell, 'added to gradients so far, masked and reversed'), requires }, (check) =>
      checkAccumulation(check, masked),
    ),
    defineCase({ ...gradientOf(cell, 'added to gradients so far, odd sizes'), requires }, (check) =>
      checkAccumulation(check, { ...shape, time: 3, batch: 5, inputs: 17, hidden: 19 }),
    ),
    defineCase(gradientOf(cell, 'in parts as in one pass'), (check) => checkParts(check, shape)),
    defineCase(gradientOf(cell, 'in parts as in one pass, masked'), (check) =>
      checkParts(check, { ...masked, reverse: false }),
    ),
  ];
});
