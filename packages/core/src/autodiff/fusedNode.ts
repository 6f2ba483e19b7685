import type { Each, FusedInputs, FusedOp } from '../tensor/FusedOp.js';
import { gradientList, inputList, mapInputs } from '../tensor/fusedInputs.js';
import { openStage } from '../tensor/stage.js';
import { ArrayTensor, type Tensor } from '../tensor/Tensor.js';
import type { TapeNode } from './Tape.js';

/** A fused op as a tape has seen it; the node owns all these tensors. */
export interface RecordedFusedOp<I extends FusedInputs<I>, A> {
  readonly op: FusedOp<I, A>;
  readonly attributes: A;
  readonly inputs: Each<I, ArrayTensor>;
  /** Slot of each input, in the order of `inputList`. */
  readonly slots: readonly (number | null)[];
  readonly outputs: readonly ArrayTensor[];
  readonly outputSlots: readonly number[];
  readonly saved: readonly ArrayTensor[];
}

/** Pulls cotangents of `fn(inputs)` back to the inputs. */
export type PullThrough = (
  fn: (inputs: readonly Tensor[]) => Tensor[],
  inputs: readonly Tensor[],
  cotangents: readonly (Tensor | null)[],
) => (Tensor | null)[];

/** The tape node of a fused op: its own backward pass, or the composed one where the cotangents are being differentiated in turn. */
export function fusedNode<I extends FusedInputs<I>, A>(
  recorded: RecordedFusedOp<I, A>,
  pullThrough: PullThrough,
): TapeNode {
  const { op, attributes, slots, outputs, outputSlots, saved } = recorded;
  const inputs = recorded.inputs as I;
  const list = inputList(inputs);
  const wants = mapInputs(inputs, (_, index) => slots[index] !== null);
  return {
    outputs: outputSlots,
    inputs: slots,
    kept: [...list, ...outputs, ...saved],
    pull: (cotangents, gathered) => {
      const plain = cotangents.every((cotangent) => cotangent === null || cotangent instanceof ArrayTensor);
      if (!plain || openStage() !== null) return pullComposed(recorded, cotangents, pullThrough);
      const { backend } = list[0] as Tensor;
      // An input that stands in several places is handed over in one: a backend may add to all of them at the same time.
      const once = (slot: number | null, index: number): boolean => slots.indexOf(slot) === index;
      const before = op.accumulates
        ? slots.map((slot, index) => (once(slot, index) ? exclusive(gathered(slot)) : null))
        : [];
      const soFar = before.some((x) => x !== null) ? mapInputs(inputs, (_, index) => before[index] ?? null) : null;
      const call = { inputs: recorded.inputs, outputs, saved, cotangents, wants, soFar, attributes };
      const gradients = gradientList(inputs, op.backward(backend, call));
      if (soFar === null) return gradients;
      return gradients.map((gradient, index) => (gradient === before[index] ? null : gradient));
    },
  };
}

/** A tensor that may be overwritten: nobody else holds its buffer. */
function exclusive(x: Tensor | null): ArrayTensor | null {
  return x instanceof ArrayTensor && x.storage.exclusive ? x : null;
}

function pullComposed<I extends FusedInputs<I>, A>(
  { op, attributes, inputs: recorded, slots }: RecordedFusedOp<I, A>,
  cotangents: readonly (Tensor | null)[],
  pullThrough: PullThrough,
): (Tensor | null)[] {
  const inputs = recorded as I;
  const composed = (watched: readonly Tensor[]): Tensor[] => {
    let next = 0;
    const mixed = mapInputs(inputs, (x, index) => (slots[index] === null ? x : (watched[next++] as Tensor)));
    return op.composed(mixed as I, attributes);
  };
  const gradients = pullThrough(
    composed,
    inputList(inputs).filter((_, index) => slots[index] !== null),
    cotangents,
  );
  let next = 0;
  return slots.map((slot) => (slot === null ? null : (gradients[next++] as Tensor | null)));
}
