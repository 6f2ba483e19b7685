import { row, stack, vmap, type Tensor } from '@tempograd/core';
import type { HostArray } from '../host/HostArray.js';
import type { TensorFunction } from './evaluate.js';
import { asList, type Subject } from './Subject.js';

const rows = 3;

/**
 * A subject done for a batch of rows by `vmap`; the oracle does one row after the other. `batched` says which inputs are a
 * batch, the others are the same for every row.
 */
export function batchedSubject(subject: Subject, batched: readonly boolean[], title: string): Subject {
  const fn: TensorFunction = (...inputs) => subject.apply(...inputs);
  return {
    op: subject.op,
    title: subject.title === '' ? title : `${subject.title}, ${title}`,
    opClass: subject.opClass,
    ...(subject.differentiable === undefined ? {} : { differentiable: subject.differentiable }),
    inputs(sample) {
      const drawn = Array.from({ length: rows }, () => subject.inputs(sample));
      return (drawn[0] as readonly HostArray[]).map((first, index) =>
        batched[index] ? stacked(drawn.map((inputs) => inputs[index] as HostArray)) : first,
      );
    },
    apply: (...inputs) => {
      const given = inputs.filter((_, index) => batched[index]);
      return vmap((batch: Tensor[]) => [...asList<Tensor>(fn(...merged(inputs, batched, batch)))])(given);
    },
    trusted(...inputs) {
      const results = Array.from({ length: rows }, (_, index) => {
        const batch = inputs.filter((_unused, input) => batched[input]).map((x) => row(x, index));
        return asList<Tensor>(fn(...merged(inputs, batched, batch)));
      });
      return (results[0] as readonly Tensor[]).map((_, place) => stack(results.map((each) => each[place] as Tensor)));
    },
  };
}

/** All inputs, with those that are batched taken from `batch`. */
function merged(inputs: readonly Tensor[], batched: readonly boolean[], batch: readonly Tensor[]): Tensor[] {
  let next = 0;
  return inputs.map((x, index) => (batched[index] ? (batch[next++] as Tensor) : x));
}

function stacked(parts: readonly HostArray[]): HostArray {
  const { shape, kind } = parts[0] as HostArray;
  return {
    shape: [parts.length, ...shape],
    kind,
    values: Float64Array.from(parts.flatMap(({ values }) => [...values])),
  };
}
