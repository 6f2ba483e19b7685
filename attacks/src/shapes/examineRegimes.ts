import { tolerances } from '@tempograd/conformance';
import * as tg from '@tempograd/core';
import { gateCount, recurrentCells, type RecurrentCell } from '@tempograd/core/backend';
import type { Place } from '../places.js';
import { Random } from '../Random.js';
import { apart } from './examineLayer.js';

interface Params {
  readonly cell: tg.RecurrentParams;
  readonly readout: tg.Tensor;
}

interface Stretch {
  readonly input: tg.Tensor;
  readonly mask: tg.Tensor | null;
}

/** A problem over a sequence, and ways to cut it. */
interface Problem {
  readonly cell: RecurrentCell;
  readonly time: number;
  readonly masked: boolean;
  readonly seed: number;
  readonly regimes: readonly { readonly options: tg.TruncatedBpttOptions; readonly pushes: readonly number[] }[];
}

const [inputs, hidden, batch, regimesPerProblem] = [2, 2, 2, 8];

/** Truncations of one random problem: on js against mask · credit matrix, elsewhere against js. Gives the faults. */
export async function examineRegimes(seed: number, js: Place, others: readonly Place[]): Promise<string[]> {
  const problem = sampleProblem(new Random(seed));
  const faults: string[] = [];
  const credit = tg.withBackend(js.backend, () =>
    tg.scope(() => {
      const { task, params, stretch } = write(problem, js);
      return tg.creditMatrix(task, params, stretch);
    }),
  );
  for (const { options, pushes } of problem.regimes) {
    const { updateEvery, backwardSteps = updateEvery, lossScope = 'interval' } = options;
    const regime = { time: problem.time, updateEvery, backwardSteps, lossScope };
    const expected = credit.masked(tg.truncationMask(regime), tg.countedLosses(regime));
    for (const place of [js, ...others]) {
      const before = place.backend.memory().buffers;
      const { bound } = tolerances[place.dtype].strategy.gradient;
      const error = apart([await gradientOf(problem, options, pushes, place)], [expected]);
      const left = place.backend.memory().buffers - before;
      const where = `${place.name}: ${problem.cell}, ${problem.time} steps${problem.masked ? ', masked' : ''}, ${JSON.stringify(options)} pushed ${String(pushes)}`;
      if (!(error <= bound)) faults.push(`${where}: off by ${error.toExponential(1)}, more than ${bound}`);
      if (left !== 0) faults.push(`${where}: left ${left} buffers`);
    }
  }
  return faults;
}

function sampleProblem(random: Random): Problem {
  // The matrix takes T² work: long sequences are rare.
  const time = random.next() < 0.15 ? random.whole(13, 41) : random.whole(1, 13);
  return {
    // A relu has kinks, and its states may grow over long sequences.
    cell: random.pick(recurrentCells.filter((cell) => cell !== 'rnnRelu')),
    time,
    masked: random.next() < 0.4,
    seed: random.whole(0, 2 ** 30),
    regimes: Array.from({ length: regimesPerProblem }, () => {
      const updateEvery = random.whole(1, time + 2);
      const pushes: number[] = [];
      for (let left = time; left > 0; left -= pushes.at(-1)!) pushes.push(random.whole(1, left + 1));
      const backwardSteps = random.whole(1, time + 3);
      const lossScope = random.pick(['interval', 'last'] as const);
      return {
        options: { updateEvery, backwardSteps, lossScope, staleness: random.pick(['stored', 'recompute'] as const) },
        pushes,
      };
    }),
  };
}

function write(problem: Problem, { backend, dtype }: Place) {
  const random = new Random(problem.seed);
  const floats = (shape: readonly number[], spread: number): tg.Tensor => {
    const size = shape.reduce((product, length) => product * length, 1);
    return tg.fromArray(
      Float64Array.from({ length: size }, () => Math.fround((random.next() * 2 - 1) * spread)),
      shape,
      { backend, dtype },
    );
  };
  const rows = gateCount[problem.cell] * hidden;
  const params: Params = {
    cell: {
      weight_ih: floats([rows, inputs], 1.2),
      weight_hh: floats([rows, hidden], 1.2),
      bias_ih: floats([rows], 1),
      bias_hh: floats([rows], 1),
    },
    readout: floats([1, hidden], 1.2),
  };
  const places = problem.time * batch;
  const marks = Int32Array.from({ length: places }, () => Number(random.next() < 0.75));
  const mask = problem.masked ? tg.fromArray(marks, [problem.time, batch], { backend, dtype: 'i32' }) : null;
  const stretch: Stretch = { input: floats([problem.time, batch, inputs], 1.2), mask };
  return { params, stretch, task: taskOf(problem.cell) };
}

const cells = {
  rnnTanh: () => tg.rnnCell({ hiddenSize: hidden }),
  rnnRelu: () => tg.rnnCell({ hiddenSize: hidden, activation: 'relu' }),
  gru: () => tg.gruCell({ hiddenSize: hidden }),
  lstm: () => tg.lstmCell({ hiddenSize: hidden }),
} as const;

/** `Σ (readout·h)²` and the next input as a target. */
function taskOf(kind: RecurrentCell): tg.SequenceTask<Params, unknown, Stretch, tg.Tensor> {
  const cell = cells[kind]() as tg.Cell<tg.RecurrentParams, unknown>;
  const inner = tg.cellTask<tg.RecurrentParams, unknown, Stretch, tg.Tensor, tg.Tensor>(cell, {
    input: ({ input }) => input,
    mask: ({ mask }) => mask,
    loss: (_params, output) => tg.sum(output),
  });
  return {
    initialCarry: (params, stretch) => inner.initialCarry(params.cell, stretch),
    forward: (params, carry, stretch, context) => inner.forward(params.cell, carry, stretch, context),
    loss({ readout }, output, { input }) {
      const error = tg.sub(tg.linear(output, readout), tg.slice(input, [0, 0, 0], [-1, -1, 1]));
      return tg.sum(tg.mul(error, error));
    },
  };
}

/** The gradients of all updates, added up, end to end. */
async function gradientOf(
  problem: Problem,
  options: tg.TruncatedBpttOptions,
  pushes: readonly number[],
  place: Place,
): Promise<Float64Array> {
  const total = tg.withBackend(place.backend, () =>
    tg.scope(() => {
      const { task, params, stretch } = write(problem, place);
      const run = tg.truncatedBptt(options).start(task);
      let sum = tg.treeMap(params, tg.zerosLike);
      const take = ({ gradient }: tg.Update<Params>): void => {
        sum = tg.treeZip(sum, gradient, tg.add);
      };
      let from = 0;
      for (const steps of pushes) {
        const piece = tg.treeMap(stretch, (x) => tg.sliceAxis(x, from, from + steps));
        for (const update of run.push(params, piece)) take(update);
        from += steps;
      }
      for (const update of run.finish(params)) take(update);
      run.dispose();
      return tg.treeLeaves(sum);
    }),
  );
  const numbers: number[] = [];
  for (const leaf of total) {
    numbers.push(...(await leaf.read()));
    leaf.dispose();
  }
  return Float64Array.from(numbers);
}
