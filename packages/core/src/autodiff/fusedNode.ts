import type { FusedOp } from '../tensor/FusedOp.js';
import { TracedTensor, type ArrayTensor, type Tensor } from '../tensor/Tensor.js';
import type { TapeNode } from './Tape.js';

/** A fused op as a tape has seen it; the node owns all these tensors. */
export interface RecordedFusedOp<A> {
  readonly op: FusedOp<A>;
  readonly attributes: A;
  readonly inputs: readonly ArrayTensor[];
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
export function fusedNode<A>(recorded: RecordedFusedOp<A>, pullThrough: PullThrough): TapeNode {
  const { op, attributes, inputs, slots, outputs, outputSlots, saved } = recorded;
  const wants = slots.map((slot) => slot !== null);
  return {
    outputs: outputSlots,
    inputs: slots,
    kept: [...inputs, ...outputs, ...saved],
    pull: (cotangents) => {
      if (cotangents.some((cotangent) => cotangent instanceof TracedTensor))
        return pullComposed(recorded, cotangents, pullThrough);
      const backend = (inputs[0] as ArrayTensor).backend;
      const arrays = cotangents as readonly (ArrayTensor | null)[];
      return op.backward(backend, { inputs, outputs, saved, cotangents: arrays, wants, attributes });
    },
  };
}

function pullComposed<A>(
  { op, attributes, inputs, slots }: RecordedFusedOp<A>,
  cotangents: readonly (Tensor | null)[],
  pullThrough: PullThrough,
): (Tensor | null)[] {
  const composed = (watched: readonly Tensor[]): Tensor[] => {
    let next = 0;
    return op.composed(
      inputs.map((x, index) => (slots[index] === null ? x : (watched[next++] as Tensor))),
      attributes,
    );
  };
  const gradients = pullThrough(
    composed,
    inputs.filter((_, index) => slots[index] !== null),
    cotangents,
  );
  let next = 0;
  return slots.map((slot) => (slot === null ? null : (gradients[next++] as Tensor | null)));
}
