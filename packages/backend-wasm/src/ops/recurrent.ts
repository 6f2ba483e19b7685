import { gateCount, sizeOf } from '@tempograd/core/backend';
import type { Backend, Operand, RecurrentArgs, RecurrentCell, Result, Shape } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

type X = Operand<Handle>;
type Direction = 'Forward' | 'Backward';

const cellNumber: Readonly<Record<RecurrentCell, number>> = { rnnTanh: 0, rnnRelu: 1, lstm: 2, gru: 3 };

/** Word numbers of the kernels' argument block; assembly/README.md says what each holds. */
const word = { packed: 20, dGates: 32 } as const;

/** About how long a multiply-add takes, and a byte of packed weights, in nanoseconds. */
const cost = 0.05;
const packCost = 0.1;
/** What another thread loses, in nanoseconds, for an element that it must fetch from this one's cache, or that goes back there. */
const movedCost = 1;

/** Parts of a batch have no fewer rows than this. */
const leastRows = 2;

/** Lengths of a segment and its layer. */
interface Sizes {
  readonly time: number;
  readonly batch: number;
  readonly input: number;
  readonly hidden: number;
  readonly gates: number;
}

/** Whole segments of the standard cells. */
export function recurrentOps(engine: Engine): Pick<Backend<Handle>, 'recurrentForward' | 'recurrentBackward'> {
  const { heap } = engine;

  const result = (shape: Shape): Result<Handle> => ({ handle: heap.allocate(shape, 'f32'), shape, dtype: 'f32' });
  const pointer = (x: X | null | undefined): number => (x === null || x === undefined ? 0 : engine.pointer(x));

  /** Words 0 to 13, which both directions have. */
  function commonWords(args: RecurrentArgs<Handle>, { time, batch, input, hidden }: Sizes): number[] {
    return [
      cellNumber[args.cell],
      time,
      batch,
      input,
      hidden,
      args.reverse ? 1 : 0,
      pointer(isTable(args) ? null : args.input),
      pointer(args.weightIh),
      pointer(args.weightHh),
      pointer(args.biasIh),
      pointer(args.biasHh),
      pointer(args.mask),
      pointer(args.carry[0]),
      pointer(args.carry[1]),
    ];
  }

  /** Word 33: row numbers of a table, where the input is that. */
  const rowNumbers = (args: RecurrentArgs<Handle>): number => (isTable(args) ? pointer(args.input) : 0);

  /**
   * Runs a direction's phases in turn, on scratch that holds what they share and then each part's own; `weightParts` is 0
   * where the weights' gradients are not wanted.
   */
  function runPhases(
    words: readonly number[],
    direction: Direction,
    batch: number,
    parts: number,
    weightParts: number,
  ): void {
    engine.setWords(...words);
    const rowParts = Math.max(1, Math.min(parts, Math.ceil(batch / leastRows)));
    const packedBytes = align(engine.bytesOf(`recurrent${direction}PackedBytes`));
    const gateBytes = direction === 'Backward' ? align(engine.bytesOf('recurrentGateGradientBytes')) : 0;
    const stride = align(engine.bytesOf(`recurrent${direction}ScratchBytes`, rowParts));
    const weightsStride = weightParts > 0 ? align(engine.bytesOf('recurrentWeightsScratchBytes', weightParts)) : 0;
    const shared = heap.scratch(packedBytes + gateBytes + Math.max(rowParts * stride, weightParts * weightsStride));
    const scratch = shared + packedBytes + gateBytes;
    engine.setWord(word.packed, shared);
    if (direction === 'Backward') engine.setWord(word.dGates, shared + packedBytes);
    if (packedBytes > 0) engine.run(`recurrent${direction}Pack`, { parts: engine.partsFor(packedBytes * packCost) });
    engine.run(`recurrent${direction}`, { parts: rowParts, scratch, scratchStride: stride });
    if (weightParts > 0) engine.run('recurrentWeights', { parts: weightParts, scratch, scratchStride: weightsStride });
  }

  return {
    recurrentForward(args, save) {
      const sizes = sizesOf(args);
      const { time, batch, hidden } = sizes;
      const output = result([time, batch, hidden]);
      const carry = args.carry.map(() => result([batch, hidden]));
      const saved = save ? makeSaved(args, sizes, output) : null;
      const words = [
        ...commonWords(args, sizes),
        pointer(output),
        pointer(carry[0]),
        pointer(carry[1]),
        pointer(saved?.[0]),
        pointer(saved?.[1]),
        pointer(saved?.[2]),
        1,
      ];
      const parts = engine.partsFor(productTime(sizes, columnsOf(args, sizes)));
      runPhases([...words, ...new Array<number>(12).fill(0), rowNumbers(args)], 'Forward', batch, parts, 0);
      return { output, carry, saved };
    },

    recurrentBackward(args) {
      const sizes = sizesOf(args);
      const { time, batch, input, hidden, gates } = sizes;
      const { wants, saved } = args;
      const dInput = wants.input ? result([time, batch, input]) : null;
      const dCarry = wants.carry ? args.carry.map(() => result([batch, hidden])) : null;
      const dWeightIh = wants.weights ? result(args.weightIh.shape) : null;
      const dWeightHh = wants.weights ? result(args.weightHh.shape) : null;
      const dBiasIh = wants.weights && args.biasIh !== null ? result(args.biasIh.shape) : null;
      const dBiasHh = wants.weights && args.biasHh !== null ? result(args.biasHh.shape) : null;
      const delta = wants.delta ? result([time, batch, hidden]) : null;
      const words = [
        ...commonWords(args, sizes),
        0,
        0,
        0,
        pointer(saved[0]),
        pointer(saved[1]),
        pointer(saved[2]),
        1,
        pointer(args.outputCotangent),
        pointer(args.carryCotangents[0]),
        pointer(args.carryCotangents[1]),
        pointer(dInput),
        pointer(dCarry?.[0]),
        pointer(dCarry?.[1]),
        pointer(dWeightIh),
        pointer(dWeightHh),
        pointer(dBiasIh),
        pointer(dBiasHh),
        pointer(delta),
        1,
        rowNumbers(args),
      ];
      const rows = time * batch;
      const columns = columnsOf(args, sizes);
      const weightsTime = productTime(sizes, columns);
      const moved = gates * hidden * columns + rows * (columns + gates * hidden);
      const weightParts = wants.weights ? engine.partsFor(Math.max(0, weightsTime - moved * movedCost)) : 0;
      runPhases(words, 'Backward', batch, engine.partsFor(2 * weightsTime), weightParts);
      return {
        input: dInput,
        carry: dCarry,
        weightIh: added(dWeightIh, args.into?.weightIh),
        weightHh: added(dWeightHh, args.into?.weightHh),
        biasIh: added(dBiasIh, args.into?.biasIh),
        biasHh: added(dBiasHh, args.into?.biasHh),
        delta,
      };
    },
  };

  /** Adds a gradient to what is given for it, which then is all there is; the gradient itself where nothing is given. */
  function added(gradient: Result<Handle> | null, into: X | null | undefined): Result<Handle> | null {
    if (gradient === null || !into) return gradient;
    const total = sizeOf(gradient.shape);
    const to = engine.ownPointer(into);
    engine.setWords(to, engine.pointer(gradient), to, total, total, 4, 4, 0);
    engine.run('addF32', { parts: engine.partsFor(total * 0.4) });
    heap.release(gradient.handle);
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

/** Whether the input is row numbers, and `weightIh` the table that they are of. */
function isTable({ input }: RecurrentArgs<Handle>): boolean {
  return input.dtype === 'i32';
}

/** The input size of a table is its number of rows. */
function sizesOf(args: RecurrentArgs<Handle>): Sizes {
  const { cell, input, weightIh, weightHh } = args;
  const [time = 0, batch = 0, features = 0] = input.shape;
  const inputSize = isTable(args) ? (weightIh.shape[0] as number) : features;
  const [, hidden = 0] = weightHh.shape;
  return { time, batch, input: inputSize, hidden, gates: gateCount[cell] };
}

/** Columns of both weight matrices that each step reads: of a table, one row. */
function columnsOf(args: RecurrentArgs<Handle>, { input, hidden }: Sizes): number {
  return (isTable(args) ? 1 : input) + hidden;
}

/** About how long the products of all steps with matrices of so many columns take, in nanoseconds. */
function productTime({ time, batch, hidden, gates }: Sizes, columns: number): number {
  return time * batch * gates * hidden * columns * cost;
}

/** Rounds up to whole cache lines. */
function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}
