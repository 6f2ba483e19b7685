import type { Tensor } from '@tempograd/core';
import type { FusedFamily } from '@tempograd/core/backend';
import type { OpClass } from '../check/tolerances.js';
import type { HostArray } from '../host/HostArray.js';
import type { Sampler } from '../host/Sampler.js';

/** A function of tensors with what it should give: value, gradient and jvp cases follow from it. */
export interface Subject {
  /** The op it is about. */
  readonly op: string;
  /** What is special about it, `second transposed`; empty for the plain one. */
  readonly title: string;
  readonly opClass: OpClass;
  /** Its inputs; integers among them are not differentiated. */
  inputs(sample: Sampler): readonly HostArray[];
  /** The function; one tensor or several. */
  apply(...inputs: Tensor[]): Tensor | readonly Tensor[];
  /** The same function for the oracle; default is `apply`. Where `apply` uses the kit under test, this does not. */
  trusted?(...inputs: Tensor[]): Tensor | readonly Tensor[];
  /** The value in closed form; the oracle's is compared also where there is none. */
  readonly expected?: (...inputs: HostArray[]) => HostArray | readonly HostArray[];
  /** Whether it has gradients; default is true. */
  readonly differentiable?: boolean;
  /** The fused family it is made of, if any. */
  readonly family?: FusedFamily;
}

/** One or several as several. */
export function asList<T extends object>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/** What a subject gives on the host, or null where no closed form is known. */
export function expectedOf(subject: Subject, inputs: readonly HostArray[]): readonly HostArray[] | null {
  return subject.expected === undefined ? null : asList<HostArray>(subject.expected(...inputs));
}
