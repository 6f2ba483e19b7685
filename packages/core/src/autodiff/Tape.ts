import { isFloat, LifetimeError } from '../backend/index.js';
import { bind } from '../tensor/bind.js';
import { add } from '../tensor/ops/index.js';
import type { FusedInputs } from '../tensor/FusedOp.js';
import { inputList, mapInputs } from '../tensor/fusedInputs.js';
import type { Attributes, Primitive } from '../tensor/primitive.js';
import { keep, scope, track } from '../tensor/scope.js';
import {
  share,
  TracedTensor,
  type ArrayTensor,
  type FusedCall,
  type PrimitiveCall,
  type Tensor,
  type Trace,
  nameForConsole,
} from '../tensor/Tensor.js';
import { fusedNode, type PullThrough } from './fusedNode.js';
import { withTraceLevel } from './traceLevels.js';
import { vjpRules } from './vjpRules.js';

/** A value that a tape watches; `slot` is where the tape gathers its gradient. */
export class TapeTensor extends TracedTensor {
  readonly trace: Tape;
  readonly primal: Tensor;
  readonly slot: number;
  protected readonly watched = 'being differentiated';

  constructor(trace: Tape, primal: Tensor, slot: number) {
    super();
    this.trace = trace;
    this.primal = primal;
    this.slot = slot;
  }

  parts(): readonly Tensor[] {
    return [this.primal];
  }

  share(): TapeTensor {
    return new TapeTensor(this.trace, share(this.primal), this.slot);
  }
}

nameForConsole(TapeTensor);

/** One op on a tape: where its gradients come from, where they go, and how. */
export interface TapeNode {
  /** Slots of its outputs. */
  readonly outputs: readonly number[];
  /** Slot of each input, null where the tape does not watch it. */
  readonly inputs: readonly (number | null)[];
  /** What it holds on to until the tape is disposed of. */
  readonly kept: readonly Tensor[];
  /**
   * Gradients of the inputs from those of the outputs, at least one of which is not null. `gathered` is what a slot has so far;
   * what a node adds to that in place it does not return. The gradient of the input number `leftOut` is not wanted.
   */
  pull(
    cotangents: readonly (Tensor | null)[],
    gathered: (slot: number | null) => Tensor | null,
    leftOut?: number,
  ): readonly (Tensor | null)[];
  /** Of the product of a lone row and a matrix, the row: the matrix's gradient is the product of row and cotangent. */
  readonly row?: LoneRow | null;
}

/** The left factor `[1, k]` of a product with a matrix `[k, n]`, or with the transpose of one. */
interface LoneRow {
  readonly row: Tensor;
  readonly transposed: boolean;
}

/** What such a product adds to the matrix's gradient, not multiplied: `rowᵀ · cotangent`, or `cotangentᵀ · row` where it is transposed. */
export interface RowFactor extends LoneRow {
  /** `[1, n]` */
  readonly cotangent: Tensor;
}

/** Reverse-mode differentiation: writes down each op as it is done, and walks back through them as often as asked. */
export class Tape implements Trace {
  readonly level: number;
  readonly refusesFused = null;
  #nodes: TapeNode[] = [];
  #slots = 0;
  #recording = true;
  #disposed = false;

  constructor(level: number) {
    this.level = level;
  }

  /** A value to differentiate with respect to. */
  watch(primal: Tensor): TapeTensor {
    return new TapeTensor(this, primal, this.#slots++);
  }

  /** The value under a tensor, as outer differentiations see it. */
  lower(x: Tensor): Tensor {
    return x instanceof TapeTensor && x.trace === this ? x.primal : x;
  }

  slotOf(x: Tensor): number | null {
    return x instanceof TapeTensor && x.trace === this ? x.slot : null;
  }

  process<P extends Primitive>(call: PrimitiveCall<P>): Tensor {
    this.#checkRecording(call.primitive);
    const inputs = call.inputs.map((x) => this.lower(x));
    const output = bind(call.primitive, inputs, call.attributes, call.shape, call.dtype);
    const rule = vjpRules[call.primitive];
    if (rule === 'zero' || !isFloat(call.dtype)) return output;
    const slots = call.inputs.map((x) => this.slotOf(x));
    const kept: Tensor[] = [];
    const keptInputs = inputs.map((x, index) => {
      if (!rule.uses.includes(index)) return x;
      const held = share(x);
      kept.push(held);
      return held;
    });
    const keptOutput = rule.uses.includes('output') ? share(output) : output;
    if (keptOutput !== output) kept.push(keptOutput);
    const watched = this.watch(output);
    this.#nodes.push({
      outputs: [watched.slot],
      inputs: slots,
      kept,
      row: loneRow(call, keptInputs),
      pull: ([cotangent], _gathered, leftOut) =>
        rule.pull(cotangent as Tensor, {
          inputs: keptInputs,
          output: keptOutput,
          attributes: call.attributes,
          wants: slots.map((slot, index) => slot !== null && index !== leftOut),
        }),
    });
    return watched;
  }

  processFused<I extends FusedInputs<I>, A>({ op, inputs, attributes }: FusedCall<I, A>): Tensor[] {
    this.#checkRecording(op.family);
    const list = inputList(inputs);
    const held = mapInputs(inputs, (x) => share(this.lower(x) as ArrayTensor));
    try {
      const { outputs, saved } = op.forward((list[0] as Tensor).backend, held, attributes, true);
      const watched = outputs.map((output) => this.watch(output));
      const node = {
        op,
        attributes,
        inputs: held,
        slots: list.map((x) => this.slotOf(x)),
        outputs: outputs.map(share),
        outputSlots: watched.map((x) => x.slot),
        saved: keep([...saved]),
      };
      this.#nodes.push(fusedNode(node, pullThrough));
      return watched;
    } catch (error) {
      for (const x of inputList(held as I)) x.dispose();
      throw error;
    }
  }

  /** No more ops are written down; tensors it watches may not be used any more. */
  stop(): void {
    this.#recording = false;
  }

  /**
   * Pulls cotangents of outputs back to the watched `inputs`; null where nothing depends on an input.
   * Results belong to the caller's scope. May be called again, with other cotangents, until `dispose`. Gradients `soFar` of the
   * inputs are taken over, and added to from the last use of an input to its first. Where `factors` has a list for the slot of an
   * input, what products of lone rows say of it is put there, outside every scope, and is not in its gradient.
   */
  pull(
    seeds: readonly (readonly [slot: number, cotangent: Tensor])[],
    inputs: readonly TapeTensor[],
    soFar: readonly (Tensor | null)[] = [],
    factors: ReadonlyMap<number, RowFactor[]> | null = null,
  ): (Tensor | null)[] {
    if (this.#disposed) {
      throw new LifetimeError('This pullback was disposed of; keep it until all gradients have been pulled.');
    }
    const gathered = new Map<number, Tensor>();
    try {
      inputs.forEach(({ slot }, index) => {
        const before = soFar[index];
        if (before) gathered.set(slot, share(before));
      });
      for (const [slot, cotangent] of seeds) gather(gathered, slot, cotangent);
      // Not before everything is shared: one tensor may stand in several places.
      for (const before of soFar) before?.dispose();
      for (let index = this.#nodes.length - 1; index >= 0; index--)
        this.#pullNode(this.#nodes[index] as TapeNode, gathered, factors);
      return inputs.map(({ slot }) => {
        const gradient = gathered.get(slot);
        return gradient === undefined ? null : track(share(gradient));
      });
    } finally {
      for (const gradient of gathered.values()) gradient.dispose();
    }
  }

  #pullNode(node: TapeNode, gathered: Map<number, Tensor>, factors: ReadonlyMap<number, RowFactor[]> | null): void {
    const cotangents = node.outputs.map((slot) => gathered.get(slot) ?? null);
    if (cotangents.every((cotangent) => cotangent === null)) return;
    const { row = null } = node;
    const factored = row === null ? undefined : factors?.get(node.inputs[1] ?? -1);
    factored?.push(factorOf(row as LoneRow, cotangents[0] as Tensor));
    scope(() => {
      node
        .pull(cotangents, (slot) => (slot === null ? null : (gathered.get(slot) ?? null)), factored && 1)
        .forEach((gradient, index) => {
          const slot = node.inputs[index];
          if (gradient !== null && slot !== null && slot !== undefined) gather(gathered, slot, gradient);
        });
    });
    for (const slot of node.outputs) {
      gathered.get(slot)?.dispose();
      gathered.delete(slot);
    }
  }

  /** Frees what the tape holds on to. */
  dispose(): void {
    this.#disposed = true;
    for (const node of this.#nodes) for (const tensor of node.kept) tensor.dispose();
    this.#nodes = [];
  }

  #checkRecording(op: string): void {
    if (!this.#recording) {
      throw new LifetimeError(
        `${op}: an input belongs to a differentiation that has ended. Return what you need from the differentiated function ` +
          'instead of storing its tensors outside.',
      );
    }
  }
}

/** The left factor of a product, where it is one row and the right one a matrix. */
function loneRow<P extends Primitive>(
  { primitive, attributes }: PrimitiveCall<P>,
  [a, b]: readonly Tensor[],
): LoneRow | null {
  if (primitive !== 'matmul' || a?.rank !== 2 || a.shape[0] !== 1 || b?.rank !== 2) return null;
  const { transposeA, transposeB } = attributes as Attributes['matmul'];
  return transposeA ? null : { row: a, transposed: transposeB };
}

function factorOf({ row, transposed }: LoneRow, cotangent: Tensor): RowFactor {
  return { row: share(row), transposed, cotangent: share(cotangent) };
}

/** Differentiates `fn` on a tape of its own, once. */
const pullThrough: PullThrough = (fn, inputs, cotangents) =>
  withTraceLevel((level) => {
    const tape = new Tape(level);
    try {
      const watched = inputs.map((x) => tape.watch(x));
      const outputs = fn(watched);
      tape.stop();
      const seeds = outputs.flatMap((output, index): [number, Tensor][] => {
        const slot = tape.slotOf(output);
        const cotangent = cotangents[index];
        return slot === null || !cotangent ? [] : [[slot, cotangent]];
      });
      return tape.pull(seeds, watched);
    } finally {
      tape.dispose();
    }
  });

/** Adds a gradient to a slot; the map holds it outside every scope. */
function gather(gathered: Map<number, Tensor>, slot: number, gradient: Tensor): void {
  const before = gathered.get(slot);
  if (before === undefined) {
    gathered.set(slot, share(gradient));
    return;
  }
  gathered.set(
    slot,
    scope(() => share(add(before, gradient))),
  );
  before.dispose();
}
