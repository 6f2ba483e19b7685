import { recurrentCells } from '@tempograd/core/backend';
import { describe, expect, it } from 'vitest';
import { allWanted, argsOf, releaseAll, releaseArgs, releaseForward, takeGradients } from './fusedRecurrent.js';
import { distance, numbers, poisoned, tensor, valuesOf, type Js, type JsTensor } from './helpers.js';
import { naiveRecurrent, sizesOf, valuesFor, type Part, type Problem, type Values } from './naiveRecurrent.js';
import { Scalar, total } from './scalar.js';

/** Masks `[T = 5, B = 3]`, a row for each step. */
const masks: Record<string, number[] | null> = {
  'no mask': null,
  'a mask with holes': [1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1],
  'a batch row masked at every step': [1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 0, 1],
  'trailing padding': [1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 1, 0, 0],
};

const base = { steps: 5, batch: 3, inputs: 2, hidden: 5, reverse: false, bias: true, mask: null };
const problems: [string, Problem][] = recurrentCells.flatMap((cell) => [
  ...Object.entries(masks).flatMap(([name, mask]): [string, Problem][] => [
    [`${cell}, ${name}`, { ...base, cell, mask }],
    [`${cell}, ${name}, reverse`, { ...base, cell, mask, reverse: true }],
  ]),
  [`${cell}, no bias`, { ...base, cell, bias: false }],
  [`${cell}, one step`, { ...base, cell, steps: 1 }],
  [`${cell}, one row`, { ...base, cell, batch: 1 }],
  [`${cell}, one of everything`, { ...base, cell, steps: 1, batch: 1, inputs: 1, hidden: 1 }],
  [`${cell}, even sizes`, { ...base, cell, steps: 2, batch: 4, inputs: 4, hidden: 4 }],
]);

const cotangentsFor = (problem: Problem) => ({
  output: numbers(problem.steps * problem.batch * problem.hidden, 51),
  finals: [numbers(problem.batch * problem.hidden, 52), numbers(problem.batch * problem.hidden, 53)],
});

/** `L = Σ cotangent · result`, of the naive steps. */
function naiveGradients(problem: Problem, values: Values, use: { output: boolean; finals: boolean[] }) {
  const naive = naiveRecurrent(problem, values);
  const cotangents = cotangentsFor(problem);
  const terms = (xs: Scalar[], weights: Float64Array) => xs.map((x, i) => x.times(new Scalar(weights[i]!)));
  total([
    ...(use.output ? terms(naive.output, cotangents.output) : []),
    ...naive.finals.flatMap((xs, part) => (use.finals[part] ? terms(xs, cotangents.finals[part]!) : [])),
  ]).backward();
  const parts = Object.entries(naive.leaves).map(([part, xs]) => [part, xs.map((x) => x.gradient)]);
  const gradients = Object.fromEntries(parts) as Record<Part, number[]>;
  return { ...gradients, delta: naive.states.map((x) => x.gradient) };
}

function fusedGradients(
  js: Js,
  problem: Problem,
  values: Values,
  use: { output: boolean; finals: boolean[] },
  wants = allWanted,
) {
  const { steps, batch, hidden } = problem;
  const args = argsOf(js, problem, values);
  const forward = js.recurrentForward!(args, true);
  const cotangents = cotangentsFor(problem);
  const outputCotangent = use.output ? tensor(js, cotangents.output, [steps, batch, hidden]) : null;
  const carryCotangents = forward.carry.map((_, part) =>
    use.finals[part] ? tensor(js, cotangents.finals[part]!, [batch, hidden]) : null,
  );
  const backwardArgs = { ...args, saved: forward.saved!, outputCotangent, carryCotangents, wants };
  const gradients = takeGradients(js, js.recurrentBackward!(backwardArgs));
  releaseArgs(js, args);
  releaseForward(js, forward);
  releaseAll(js, [outputCotangent, ...carryCotangents]);
  return gradients;
}

const everything = { output: true, finals: [true, true] };

describe('recurrentForward', () => {
  it.each(problems)('%s: is the naive steps', (_, problem) => {
    const js = poisoned();
    const values = valuesFor(problem);
    const naive = naiveRecurrent(problem, values);
    const args = argsOf(js, problem, values);
    const before = js.memory().bytes;
    for (const save of [true, false]) {
      const forward = js.recurrentForward!(args, save);
      expect(distance(valuesOf(js, forward.output), naive.output.map((x) => x.value))).toBeLessThan(1e-14); // prettier-ignore
      expect(forward.carry).toHaveLength(naive.finals.length);
      for (const [part, final] of naive.finals.entries()) {
        expect(distance(valuesOf(js, forward.carry[part]!), final.map((x) => x.value))).toBeLessThan(1e-14); // prettier-ignore
      }
      expect(forward.saved !== null).toBe(save);
      if (forward.saved !== null) {
        const states = valuesOf(js, forward.saved[1]!);
        expect(distance(states, naive.states.map((x) => x.value))).toBeLessThan(1e-14); // prettier-ignore
      }
      releaseForward(js, forward);
      expect(js.memory().bytes).toBe(before);
    }
    releaseArgs(js, args);
    expect(js.memory()).toMatchObject({ buffers: 0, bytes: 0 });
  });

  it('shares storage between output and states without a mask', () => {
    const js = poisoned();
    const problem: Problem = { ...base, cell: 'rnnTanh' };
    const args = argsOf(js, problem, valuesFor(problem));
    const before = js.memory().buffers;
    const forward = js.recurrentForward!(args, true);
    // gates, states and the final carry.
    expect(js.memory().buffers).toBe(before + 3);
    releaseForward(js, forward);
    releaseArgs(js, args);
  });

  it.each(recurrentCells)('%s in f32: a segment cut in two gives the same bits', (cell) => {
    const js = poisoned();
    const problem: Problem = { ...base, cell, steps: 9, hidden: 7 };
    const args = argsOf(js, problem, valuesFor(problem), 'f32');
    const whole = js.recurrentForward!(args, false);
    const part = (begin: number, steps: number) => ({
      handle: js.slice(args.input, [begin, 0, 0], [steps, 3, 2]),
      shape: [steps, 3, 2],
      dtype: 'f32' as const,
    });
    const first = js.recurrentForward!({ ...args, input: part(0, 4) }, false);
    const second = js.recurrentForward!({ ...args, input: part(4, 5), carry: first.carry }, false);
    expect([...valuesOf(js, first.output), ...valuesOf(js, second.output)]).toEqual(valuesOf(js, whole.output));
    expect(second.carry.map((x) => valuesOf(js, x))).toEqual(whole.carry.map((x) => valuesOf(js, x)));
  });

  it.each(recurrentCells)('%s in f32: so do the cotangents that go back through it', (cell) => {
    const js = poisoned();
    const problem: Problem = { ...base, cell, steps: 9, hidden: 7 };
    const args = argsOf(js, problem, valuesFor(problem), 'f32');
    const part = (x: JsTensor, begin: number, steps: number): JsTensor => {
      const shape = [steps, x.shape[1]!, x.shape[2]!];
      return { handle: js.slice(x, [begin, 0, 0], shape), shape, dtype: 'f32' };
    };
    const outputCotangent = tensor(js, numbers(9 * 3 * 7, 54), [9, 3, 7], 'f32');
    const carryCotangents = args.carry.map(() => null);
    const wants = { input: false, carry: true, weights: false, delta: true };
    const whole = js.recurrentForward!(args, true).saved!;
    const all = js.recurrentBackward!({ ...args, saved: whole, outputCotangent, carryCotangents, wants });

    const head = { ...args, input: part(args.input, 0, 4) };
    const first = js.recurrentForward!(head, true);
    const tail = { ...args, input: part(args.input, 4, 5), carry: first.carry };
    const second = js.recurrentForward!(tail, true);
    const back = js.recurrentBackward!({
      ...tail,
      saved: second.saved!,
      outputCotangent: part(outputCotangent, 4, 5),
      carryCotangents,
      wants,
    });
    const front = js.recurrentBackward!({
      ...head,
      saved: first.saved!,
      outputCotangent: part(outputCotangent, 0, 4),
      carryCotangents: back.carry!,
      wants,
    });
    expect([...valuesOf(js, front.delta!), ...valuesOf(js, back.delta!)]).toEqual(valuesOf(js, all.delta!));
    expect(front.carry!.map((x) => valuesOf(js, x))).toEqual(all.carry!.map((x) => valuesOf(js, x)));
  });

  it.each(recurrentCells)('%s saturates without NaN at inputs of ±100 and beyond', (cell) => {
    const js = poisoned();
    const problem: Problem = { ...base, cell };
    const values = valuesFor(problem);
    values.input = values.input.map((x) => Math.sign(x) * (Math.abs(x) < 0.5 ? 100 : 5000));
    values.weightHh = values.weightHh.map((x) => x / 10);
    const naive = naiveRecurrent(problem, values).output.map((x) => x.value);
    const args = argsOf(js, problem, values);
    const forward = js.recurrentForward!(args, false);
    expect(naive.every(Number.isFinite)).toBe(true);
    expect(distance(valuesOf(js, forward.output), naive)).toBeLessThan(1e-13);
  });
});

describe('recurrentBackward', () => {
  it.each(problems)('%s: is reverse differentiation of the naive steps', (_, problem) => {
    const js = poisoned();
    const values = valuesFor(problem);
    const expected = naiveGradients(problem, values, everything);
    const actual = fusedGradients(js, problem, values, everything);
    for (const [part, size] of Object.entries(sizesOf(problem))) {
      if (size === 0) expect(actual[part as Part], part).toBeNull();
      else expect(distance(actual[part as Part]!, expected[part as Part]), part).toBeLessThan(1e-13);
    }
    expect(distance(actual.delta!, expected.delta), 'delta').toBeLessThan(1e-13);
    expect(js.memory()).toMatchObject({ buffers: 0, bytes: 0 });
  });

  it.each(problems)('%s: agrees with central differences of the fused forward pass', (_, problem) => {
    const js = poisoned();
    const values = valuesFor(problem);
    const gradients = fusedGradients(js, problem, values, everything);
    const step = 1e-5;
    for (const [part, size] of Object.entries(sizesOf(problem)) as [Part, number][]) {
      const slopes = numbers(size, 0).map((_zero, i) => {
        const moved = (by: number) =>
          loss(js, problem, { ...values, [part]: values[part].with(i, values[part][i]! + by) });
        return (moved(step) - moved(-step)) / (2 * step);
      });
      if (size > 0) expect(distance(gradients[part]!, slopes), part).toBeLessThan(1e-6 / 10);
    }
  });

  it.each(recurrentCells)('%s: any subset of output, h and c carries the loss', (cell) => {
    const js = poisoned();
    const problem: Problem = { ...base, cell, mask: masks['a mask with holes']! };
    const values = valuesFor(problem);
    for (let bits = 0; bits < 8; bits++) {
      const use = { output: (bits & 1) > 0, finals: [(bits & 2) > 0, (bits & 4) > 0] };
      const expected = naiveGradients(problem, values, use);
      const actual = fusedGradients(js, problem, values, use);
      for (const [part, gradient] of Object.entries(actual)) {
        if (gradient !== null) expect(distance(gradient, expected[part as Part]), part).toBeLessThan(1e-13);
      }
    }
  });

  it.each(recurrentCells)('%s: every combination of wants gives just those, unchanged', (cell) => {
    const js = poisoned();
    const problem: Problem = { ...base, cell, mask: masks['trailing padding']!, reverse: true };
    const values = valuesFor(problem);
    const full = fusedGradients(js, problem, values, everything);
    for (let bits = 0; bits < 16; bits++) {
      const wants = { input: (bits & 1) > 0, carry: (bits & 2) > 0, weights: (bits & 4) > 0, delta: (bits & 8) > 0 };
      const expected = Object.fromEntries(
        Object.entries(full).map(([part, gradient]) => {
          const want =
            part === 'input' || part === 'delta' ? part : part === 'h0' || part === 'c0' ? 'carry' : 'weights';
          return [part, wants[want] ? gradient : null];
        }),
      );
      expect(fusedGradients(js, problem, values, everything, wants)).toEqual(expected);
      expect(js.memory()).toMatchObject({ buffers: 0, bytes: 0 });
    }
  });

  it.each(recurrentCells)('%s: padding that holds NaN reaches no gradient', (cell) => {
    const js = poisoned();
    const mask = masks['trailing padding']!;
    const problem: Problem = { ...base, cell, mask };
    const values = valuesFor(problem);
    const clean = fusedGradients(js, problem, values, everything);
    values.input = values.input.map((x, i) => (mask[Math.floor(i / base.inputs)] === 0 ? NaN : x));
    expect(fusedGradients(js, problem, values, everything)).toEqual(clean);
  });

  it.each(recurrentCells)('%s in f32 is close to f64 beyond all block sizes, also after other sizes', (cell) => {
    const js = poisoned();
    const problem: Problem = { ...base, cell, steps: 40, batch: 9, inputs: 33, hidden: 31 };
    const values = valuesFor(problem);
    for (const part of ['weightIh', 'weightHh'] as const) values[part] = values[part].map((x) => x / 6);
    const exact = fusedGradients(js, problem, values, everything);
    const args = argsOf(js, problem, values, 'f32');
    const forward = js.recurrentForward!(args, true);
    const cotangents = cotangentsFor(problem);
    const outputCotangent = tensor(js, cotangents.output, [40, 9, 31], 'f32');
    const carryCotangents = forward.carry.map((_, part) => tensor(js, cotangents.finals[part]!, [9, 31], 'f32'));
    const rounded = takeGradients(
      js,
      js.recurrentBackward!({ ...args, saved: forward.saved!, outputCotangent, carryCotangents, wants: allWanted }),
    );
    for (const [part, gradient] of Object.entries(exact)) {
      if (gradient !== null) expect(distance(rounded[part as Part]!, gradient), part).toBeLessThan(2e-5);
    }
  });

  it('releases what it made when an operand turns out to be released', () => {
    const js = poisoned();
    const problem: Problem = { ...base, cell: 'lstm' };
    const args = argsOf(js, problem, valuesFor(problem));
    const forward = js.recurrentForward!(args, true);
    js.release(forward.saved![0]!.handle);
    const before = js.memory().buffers;
    const backwardArgs = {
      ...args,
      saved: forward.saved!,
      outputCotangent: null,
      carryCotangents: [null, null],
      wants: allWanted,
    };
    expect(() => js.recurrentBackward!(backwardArgs)).toThrow(/was released/);
    expect(js.memory().buffers).toBe(before);
  });
});

/** The same loss from the backend's own forward pass, without saving. */
function loss(js: Js, problem: Problem, values: Values): number {
  const args = argsOf(js, problem, values);
  const forward = js.recurrentForward!(args, false);
  const cotangents = cotangentsFor(problem);
  const dot = (xs: number[], weights: Float64Array) => xs.reduce((sum, x, i) => sum + x * weights[i]!, 0);
  const parts = forward.carry.map((x, part) => dot(valuesOf(js, x), cotangents.finals[part]!));
  const result = dot(valuesOf(js, forward.output), cotangents.output) + parts.reduce((a, b) => a + b, 0);
  releaseForward(js, forward);
  releaseArgs(js, args);
  return result;
}
