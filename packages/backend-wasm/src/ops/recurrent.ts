import { sizeOf } from '@tempograd/core/backend';
import type {
  Backend,
  Operand,
  RecurrentArgs,
  RecurrentBackwardArgs,
  RecurrentCell,
  Result,
  Shape,
} from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import { recurrentWord as word, recurrentWords } from '../engine/recurrentWords.js';
import type { Handle } from '../memory/Storage.js';
import { columnsOf, isTable, productTime, sizesOf, type Sizes } from './recurrentSizes.js';

type X = Operand<Handle>;
type Direction = 'Forward' | 'Backward';

const cellNumber: Readonly<Record<RecurrentCell, number>> = { rnnTanh: 0, rnnRelu: 1, lstm: 2, gru: 3 };

/** About how long a byte of packed weights takes, in nanoseconds. */
const packCost = 0.1;
/** What another thread loses, in nanoseconds, for an element that it must fetch from this one's cache, or that goes back there. */
const movedCost = 1;

/** The most rows, of all steps together, that kernels surely add up as one block. */
const oneBlock = 128;

/** Parts of a batch have no fewer rows than this. */
const leastRows = 2;
/** Batches of no more rows than this are cut by hidden units instead, where the layer has so many, in parts of so many. */
const fewRows = 3;
const leastUnits = 128;
const unitsTogether = 64;
/** To wait for each other at a step costs threads this much less than to wake them for a task. */
const waitsInWaking = 8;

/** Where a weight's gradient goes. */
interface Destination {
  /** Where the kernels write it. */
  readonly at: number;
  /** A tensor of its own, or null where it goes straight to the gradient so far. */
  readonly own: Result<Handle> | null;
  /** The gradient so far that it is added to; 0 where none is. */
  readonly soFar: number;
}

/** Whole segments of the standard cells. */
export function recurrentOps(engine: Engine): Pick<Backend<Handle>, 'recurrentForward' | 'recurrentBackward'> {
  const { heap } = engine;

  const result = (shape: Shape): Result<Handle> => ({ handle: heap.allocate(shape, 'f32'), shape, dtype: 'f32' });
  const pointer = (x: X | null | undefined): number => (x === null || x === undefined ? 0 : engine.pointer(x));

  /** The block's words, with what both directions have filled in, and 0 elsewhere. */
  function commonWords(args: RecurrentArgs<Handle>, { time, batch, input, hidden }: Sizes): number[] {
    const words = new Array<number>(recurrentWords).fill(0);
    const table = isTable(args);
    words[word.cell] = cellNumber[args.cell];
    words[word.time] = time;
    words[word.batch] = batch;
    words[word.inputSize] = input;
    words[word.hiddenSize] = hidden;
    words[word.reverse] = args.reverse ? 1 : 0;
    words[table ? word.rows : word.input] = pointer(args.input);
    words[word.weightIh] = pointer(args.weightIh);
    words[word.weightHh] = pointer(args.weightHh);
    words[word.biasIh] = pointer(args.biasIh);
    words[word.biasHh] = pointer(args.biasHh);
    words[word.mask] = pointer(args.mask);
    words[word.h0] = pointer(args.carry[0]);
    words[word.c0] = pointer(args.carry[1]);
    // Any address does where sizes are asked for.
    words[word.packed] = 1;
    return words;
  }

  /**
   * Runs a direction's phases in turn, on scratch that holds what they share and then each part's own; `weightParts` is 0
   * where the weights' gradients are not wanted.
   */
  function runPhases(
    words: readonly number[],
    direction: Direction,
    sizes: Sizes,
    threads: number,
    weightParts: number,
  ): void {
    engine.setWords(...words);
    const { time, batch, hidden } = sizes;
    const stepTime = productTime({ ...sizes, time: 1 }, hidden);
    const cuttable = batch <= fewRows && hidden >= leastUnits && hidden % 16 === 0;
    const byUnits = threads > 1 && cuttable && engine.partsFor(stepTime * waitsInWaking) > 1;
    const most = Math.ceil(byUnits ? hidden / unitsTogether : batch / leastRows);
    const parts = Math.max(1, Math.min(threads, most));
    const kernel = `recurrent${direction}${byUnits ? 'Step' : ''}` as const;
    const packedBytes = align(engine.bytesOf(`recurrent${direction}PackedBytes`));
    const gateBytes = direction === 'Backward' ? align(engine.bytesOf('recurrentGateGradientBytes')) : 0;
    const bytes = align(engine.bytesOf(`${kernel}ScratchBytes`, parts));
    const [all, stride] = byUnits ? [bytes, 0] : [bytes * parts, bytes];
    const weightsStride = weightParts > 0 ? align(engine.bytesOf('recurrentWeightsScratchBytes', weightParts)) : 0;
    const shared = heap.scratch(packedBytes + gateBytes + Math.max(all, weightParts * weightsStride));
    const scratch = shared + packedBytes + gateBytes;
    engine.setWord(word.packed, shared);
    if (direction === 'Backward') engine.setWord(word.dGates, shared + packedBytes);
    if (packedBytes > 0) engine.run(`recurrent${direction}Pack`, { parts: engine.partsFor(packedBytes * packCost) });
    const steps = byUnits ? time + (direction === 'Backward' ? 1 : 0) : 0;
    engine.run(kernel, { parts, scratch, scratchStride: stride, steps });
    if (weightParts > 0) engine.run('recurrentWeights', { parts: weightParts, scratch, scratchStride: weightsStride });
  }

  return {
    recurrentForward(args, save) {
      const sizes = sizesOf(args);
      const { time, batch, hidden } = sizes;
      const output = result([time, batch, hidden]);
      const carry = args.carry.map(() => result([batch, hidden]));
      const saved = save ? makeSaved(args, sizes, output) : null;
      const words = commonWords(args, sizes);
      words[word.output] = pointer(output);
      words[word.hLast] = pointer(carry[0]);
      words[word.cLast] = pointer(carry[1]);
      words[word.gates] = pointer(saved?.[0]);
      words[word.states] = pointer(saved?.[1]);
      words[word.extra] = pointer(saved?.[2]);
      const parts = engine.partsFor(productTime(sizes, columnsOf(args, sizes)));
      runPhases(words, 'Forward', sizes, parts, 0);
      return { output, carry, saved };
    },

    recurrentBackward(args) {
      const sizes = sizesOf(args);
      const { time, batch, input, hidden, gates } = sizes;
      const { wants, saved } = args;
      const rows = time * batch;
      const dInput = wants.input ? result([time, batch, input]) : null;
      const dCarry = wants.carry ? args.carry.map(() => result([batch, hidden])) : null;
      const straight = accumulates(args, rows);
      const [weightIh, weightHh, biasIh, biasHh] = weightNames.map((name) =>
        wants.weights ? destination(args[name], args.into?.[name] ?? null, straight) : nowhere,
      ) as [Destination, Destination, Destination, Destination];
      const delta = wants.delta ? result([time, batch, hidden]) : null;
      const words = commonWords(args, sizes);
      words[word.gates] = pointer(saved[0]);
      words[word.states] = pointer(saved[1]);
      words[word.extra] = pointer(saved[2]);
      words[word.outputCotangent] = pointer(args.outputCotangent);
      words[word.hCotangent] = pointer(args.carryCotangents[0]);
      words[word.cCotangent] = pointer(args.carryCotangents[1]);
      words[word.dInput] = pointer(dInput);
      words[word.dH0] = pointer(dCarry?.[0]);
      words[word.dC0] = pointer(dCarry?.[1]);
      words[word.dWeightIh] = weightIh.at;
      words[word.dWeightHh] = weightHh.at;
      words[word.dBiasIh] = biasIh.at;
      words[word.dBiasHh] = biasHh.at;
      words[word.delta] = pointer(delta);
      words[word.dGates] = 1;
      words[word.accumulate] = straight ? 1 : 0;
      const columns = columnsOf(args, sizes);
      const weightsTime = productTime(sizes, columns);
      const moved = gates * hidden * columns + rows * (columns + gates * hidden);
      const weightParts = wants.weights ? engine.partsFor(Math.max(0, weightsTime - moved * movedCost)) : 0;
      runPhases(words, 'Backward', sizes, engine.partsFor(2 * weightsTime), weightParts);
      return {
        input: dInput,
        carry: dCarry,
        weightIh: arrived(weightIh),
        weightHh: arrived(weightHh),
        biasIh: arrived(biasIh),
        biasHh: arrived(biasHh),
        delta,
      };
    },
  };

  /** For the gradient of `weight`, to be added to `into` where there is one: by the kernels where they do that straight. */
  function destination(weight: X | null, into: X | null, straight: boolean): Destination {
    if (weight === null) return nowhere;
    const soFar = into === null ? 0 : engine.ownPointer(into);
    const own = straight ? null : result(weight.shape);
    return { at: own === null ? soFar : own.handle.pointer, own, soFar };
  }

  /** The gradient where it has a tensor of its own and is not added to another. */
  function arrived({ own, soFar }: Destination): Result<Handle> | null {
    if (own === null || soFar === 0) return own;
    const total = sizeOf(own.shape);
    engine.setWords(soFar, own.handle.pointer, soFar, total, total, 4, 4, 0);
    engine.run('addF32', { parts: engine.partsFor(total * 0.4) });
    heap.release(own.handle);
    return null;
  }

  /** Activated gates; states after every step; and of lstm the cell states, of gru `U_n h + d_n`. */
  function makeSaved(
    { cell, mask }: RecurrentArgs<Handle>,
    { time, batch, hidden, gates }: Sizes,
    output: Result<Handle>,
  ): readonly Result<Handle>[] {
    const shape = [time, batch, hidden];
    return [
      result([time, batch, gates * hidden]),
      mask === null ? { ...output, handle: heap.view(output.handle) } : result(shape),
      ...(cell === 'lstm' || cell === 'gru' ? [result(shape)] : []),
    ];
  }
}

const weightNames = ['weightIh', 'weightHh', 'biasIh', 'biasHh'] as const;
const nowhere: Destination = { at: 0, own: null, soFar: 0 };

/**
 * Whether kernels add weights' gradients to those so far as they make them: where there is one for each, and a sum is over one
 * block, which is rounded before it is added. A table's gradient is added up step by step.
 */
function accumulates(args: RecurrentBackwardArgs<Handle>, rows: number): boolean {
  const { into } = args;
  if (!into || rows > (isTable(args) ? 1 : oneBlock)) return false;
  return weightNames.every((name) => args[name] === null || into[name] !== null);
}

/** Rounds up to whole cache lines. */
function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}
