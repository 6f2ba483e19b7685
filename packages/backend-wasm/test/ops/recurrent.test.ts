import { gateCount, type Backend, type Operand, type RecurrentCell } from '@tempograd/core/backend';
import { describe, test } from 'vitest';
import { expectResults, floats, integers, resultsOf, type Input, type Output } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

interface Problem {
  readonly cell: RecurrentCell;
  readonly time: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
  readonly reverse: boolean;
  readonly bias: boolean;
  readonly masked: boolean;
}

function inputsOf({ cell, time, batch, input, hidden }: Problem): Input[] {
  const gates = gateCount[cell] * hidden;
  const scale = 1 / Math.sqrt(hidden);
  return [
    floats([time, batch, input], 1),
    floats([batch, hidden], 2),
    floats([batch, hidden], 3),
    floats([gates, input], 4, scale),
    floats([gates, hidden], 5, scale),
    floats([gates], 6, scale),
    floats([gates], 7, scale),
    integers([time, batch], 8, 0, 2),
    floats([time, batch, hidden], 9),
    floats([batch, hidden], 10),
    floats([batch, hidden], 11),
  ];
}

/** Forward with and without saving, then backward with everything wanted. */
function wholePass(b: Backend, problem: Problem, xs: readonly Operand[]): Output[] {
  const [input, h0, c0, weightIh, weightHh, biasIh, biasHh, mask, gOutput, gH, gC] = xs as Operand[];
  const { cell, reverse, bias, masked } = problem;
  const carry = cell === 'lstm' ? [h0!, c0!] : [h0!];
  const args = {
    cell,
    reverse,
    input: input!,
    carry,
    weightIh: weightIh!,
    weightHh: weightHh!,
    biasIh: bias ? biasIh! : null,
    biasHh: bias ? biasHh! : null,
    mask: masked ? mask! : null,
  };
  const plain = b.recurrentForward!(args, false);
  const { output, carry: last, saved } = b.recurrentForward!(args, true);
  const back = b.recurrentBackward!({
    ...args,
    saved: saved!,
    outputCotangent: gOutput!,
    carryCotangents: carry.map((_, i) => [gH!, gC!][i]!),
    wants: { input: true, carry: true, weights: true, delta: true },
  });
  const nothing = b.recurrentBackward!({
    ...args,
    saved: saved!,
    outputCotangent: null,
    carryCotangents: [gH!, null],
    wants: { input: false, carry: true, weights: false, delta: false },
  });
  for (const x of saved!) b.release(x.handle);
  return [
    plain.output,
    ...plain.carry,
    output,
    ...last,
    back.input,
    ...back.carry!,
    back.weightIh,
    back.weightHh,
    back.biasIh,
    back.biasHh,
    back.delta,
    nothing.input,
    ...nothing.carry!,
    nothing.weightIh,
    nothing.delta,
  ];
}

const expected = new Map<string, readonly (Float64Array | null)[]>();

/** What the reference makes of a problem, once for all variants. */
function expectedOf(problem: Problem): readonly (Float64Array | null)[] {
  const name = JSON.stringify(problem);
  const known = expected.get(name) ?? resultsOf(inputsOf(problem), (b, ...xs) => wholePass(b, problem, xs));
  expected.set(name, known);
  return known;
}

const sizes = [
  { time: 1, batch: 1, input: 1, hidden: 1 },
  { time: 5, batch: 3, input: 4, hidden: 6 },
  { time: 7, batch: 9, input: 17, hidden: 33 },
  { time: 12, batch: 32, input: 24, hidden: 64 },
  { time: 9, batch: 1, input: 32, hidden: 40 },
  { time: 9, batch: 33, input: 20, hidden: 67 },
];

describeVariants('whole segments', (backend) => {
  describe.each(['rnnTanh', 'rnnRelu', 'lstm', 'gru'] as const)('%s', (cell) => {
    test.each(sizes)('$time steps, batch $batch, $input → $hidden', (size) => {
      for (const [reverse, bias, masked] of [
        [false, true, false],
        [true, true, true],
        [false, false, true],
      ] as const) {
        const problem = { cell, ...size, reverse, bias, masked };
        const known = expectedOf(problem);
        expectResults(backend(), inputsOf(problem), (b, ...xs) => wholePass(b, problem, xs), known, 5e-6);
      }
    });
  });
});
