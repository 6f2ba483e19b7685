import { gateCount } from '@tempograd/core/backend';
import type { RecurrentCell } from '@tempograd/core/backend';
import type { Block, KernelCase, Step, Word } from '../KernelCase.js';
import type { Sample } from '../Sample.js';
import { answerOf, apart, gradientNames, type Answer, type Segment } from './recurrentAnswer.js';

const cells: readonly RecurrentCell[] = ['rnnTanh', 'rnnRelu', 'lstm', 'gru'];
/** Random sizes, seldom with many steps, rows or units. */
function sampleLengths(sample: Sample): Segment['lengths'] {
  const inputs = sample.length(sample.chance(0.1) ? 530 : 40);
  const hidden = sample.chance(0.1)
    ? sample.random.pick([64, 112, 128, 192])
    : sample.length(sample.chance(0.1) ? 150 : 40, 1);
  const room = Math.max(1, Math.floor(60_000 / ((inputs + hidden) * hidden)));
  const batch = sample.length(Math.min(sample.chance(0.2) ? 70 : 9, room));
  return {
    inputs,
    hidden,
    batch,
    time: sample.length(Math.max(1, Math.min(130, Math.floor(room / Math.max(batch, 1)))), 1),
  };
}

function sampleSegment(sample: Sample): Segment {
  const cell = sample.random.pick(cells);
  const lengths = sampleLengths(sample);
  const { time, batch, inputs, hidden } = lengths;
  const columns = gateCount[cell] * hidden;
  const steps = time * batch;
  const table = inputs > 0 && sample.chance(0.2);
  const mask = sample.chance(0.4) ? Int32Array.from({ length: steps }, () => (sample.chance(0.7) ? 1 : 0)) : null;
  const input = table ? sample.integers(steps, 0, inputs) : sample.floats(steps * inputs);
  const output = sample.chance(0.8) ? sample.floats(steps * hidden) : null;
  // What stands at a masked step is not looked at.
  mask?.forEach((active, row) => {
    if (active !== 0) return;
    if (table) input[row] = -1;
    else input.fill(Number.NaN, row * inputs, (row + 1) * inputs);
    output?.fill(Number.NaN, row * hidden, (row + 1) * hidden);
  });
  const scale = 1 / Math.sqrt(hidden);
  const bias = sample.chance(0.7);
  const orNull = (share: number): Float32Array | null => (sample.chance(share) ? sample.floats(batch * hidden) : null);
  return {
    cell,
    reverse: sample.chance(0.5),
    table,
    lengths,
    input,
    mask,
    weightIh: sample.floats(columns * inputs, scale),
    weightHh: sample.floats(columns * hidden, scale),
    biasIh: bias ? sample.floats(columns) : null,
    biasHh: bias ? sample.floats(columns) : null,
    h0: sample.floats(batch * hidden),
    c0: cell === 'lstm' ? sample.floats(batch * hidden) : null,
    cotangents: { output, h: orNull(0.7), c: cell === 'lstm' ? orNull(0.7) : null },
  };
}

/** A whole segment of any cell: forward, and mostly backward. */
export function recurrent(sample: Sample): KernelCase {
  const segment = sampleSegment(sample);
  const { cell, lengths, table, mask, cotangents } = segment;
  const { time, batch, inputs, hidden } = lengths;
  const steps = time * batch;
  const answer = answerOf(segment, 1);
  const rounding = 2 ** -24 * Math.sqrt(inputs + hidden) * Math.sqrt(time);
  // Where a step is near the kink of relu, another rounding may give another gradient.
  const sure = cell !== 'rnnRelu' || apart(answer, answerOf(segment, 1 + 1e-6)) < 1e-4;
  const blocks: Block[] = [];
  const input = (name: string, data: Block['data'] | null): Word => {
    if (data === null) return 0;
    blocks.push(sample.input(name, data));
    return blocks.at(-1)!;
  };
  const output = (name: keyof Answer, share: number, before?: Float32Array): Word => {
    const values = answer[name];
    if (values === null || !sample.chance(share)) return 0;
    const wanted = Array.from(values, (value, i) => value + (before?.[i] ?? 0));
    const factor = gradientNames.includes(name as 'delta') ? (sure ? 24 : Infinity) : 8;
    const bound = factor * rounding * wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    blocks.push(sample.output(name, wanted, () => bound, before));
    return blocks.at(-1)!;
  };
  const unknown = (name: string, length: number): Word => {
    blocks.push(sample.unknown(name, length));
    return blocks.at(-1)!;
  };
  const saves = sample.chance(0.8);
  const common: Word[] = [
    cells.indexOf(cell),
    time,
    batch,
    inputs,
    hidden,
    segment.reverse ? 1 : 0,
    table ? 0 : input('input', segment.input),
    input('weightIh', segment.weightIh),
    input('weightHh', segment.weightHh),
    input('biasIh', segment.biasIh),
    input('biasHh', segment.biasHh),
    input('mask', mask),
    input('h0', segment.h0),
    input('c0', segment.c0),
  ];
  const rows = table ? input('rows', segment.input) : 0;
  const out = output('output', 1);
  const last = [output('hT', 0.8), output('cT', 0.8)];
  const gated = gateCount[cell] * hidden;
  const saved: Word[] = saves
    ? [
        unknown('gates', steps * gated),
        mask === null && sample.chance(0.7) ? out : unknown('states', steps * hidden),
        cell === 'lstm' || cell === 'gru' ? unknown('extra', steps * hidden) : 0,
      ]
    : [0, 0, 0];
  const forward = [
    ...common,
    out,
    ...last,
    ...saved,
    { shared: 'recurrentForwardPackedBytes' },
    ...new Array<Word>(12).fill(0),
    rows,
    0,
  ];
  // Cut by rows of the batch, or by hidden units at each step.
  const byUnits = sample.chance(0.4);
  const tasks: Step[] = [
    { task: 'recurrentForwardPack', words: forward },
    byUnits
      ? { task: 'recurrentForwardStep', words: forward, turns: time }
      : { task: 'recurrentForward', words: forward },
  ];
  const title = `${cell} T${time} B${batch} I${inputs} H${hidden}${table ? ', row numbers' : ''}${mask ? ', masked' : ''}${saves ? '' : ', forward only'}${byUnits ? ', by units' : ''}`;
  if (!saves) return { title, blocks, steps: tasks };
  const adds = steps <= (table ? 1 : 128) && sample.chance(0.4);
  const soFar = (length: number): Float32Array | undefined => (adds ? sample.floats(length) : undefined);
  const weights = [
    output('dWeightIh', 0.9, soFar(segment.weightIh.length)),
    output('dWeightHh', 0.9, soFar(segment.weightHh.length)),
    output('dBiasIh', 0.9, soFar(gated)),
    output('dBiasHh', 0.9, soFar(gated)),
  ];
  const backward = [
    ...common,
    0,
    0,
    0,
    ...saved,
    { shared: 'recurrentBackwardPackedBytes' },
    input('outputCotangent', cotangents.output),
    input('hCotangent', cotangents.h),
    input('cCotangent', cotangents.c),
    output('dInput', 0.8),
    output('dH0', 0.8),
    output('dC0', 0.8),
    ...weights,
    output('delta', 0.5),
    { shared: 'recurrentGateGradientBytes' },
    rows,
    adds ? 1 : 0,
  ];
  tasks.push(
    { task: 'recurrentBackwardPack', words: backward },
    byUnits
      ? { task: 'recurrentBackwardStep', words: backward, turns: time + 1 }
      : { task: 'recurrentBackward', words: backward },
    { task: 'recurrentWeights', words: backward },
  );
  return { title: title + (adds ? ', added' : ''), blocks, steps: tasks };
}
