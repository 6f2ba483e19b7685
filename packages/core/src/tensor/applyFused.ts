import { BackendError, fusedFamilies, type Backend, type FusedFamily, type Result } from '../backend/index.js';
import { commonBackend, newTensor, requireAlive } from './bind.js';
import type { Each, FusedInputs, FusedOp } from './FusedOp.js';
import { checkKinds, inputList } from './fusedInputs.js';
import { refuseAsync } from './refuseAsync.js';
import { openStage } from './stage.js';
import { TracedTensor, type ArrayTensor, type Tensor, type Trace } from './Tensor.js';

/** Which way an op with two paths went, and why. */
export interface PathTaken {
  readonly family: FusedFamily;
  readonly path: 'fused' | 'composed';
  /** Why it was composed; empty when fused. */
  readonly reason: string;
}

let listeners: ((taken: PathTaken) => void)[] = [];

/** Runs `fn` and tells which path each op with two paths took, in order. @throws ArgumentError when `fn` is async. */
export function recordPaths<R>(fn: () => R): { result: R; paths: PathTaken[] } {
  const paths: PathTaken[] = [];
  const listener = (taken: PathTaken): void => void paths.push(taken);
  listeners.push(listener);
  try {
    const result = fn();
    refuseAsync('recordPaths', result, 'Do the awaiting outside: ops after its first await would not be recorded.');
    return { result, paths };
  } finally {
    listeners.splice(listeners.indexOf(listener), 1);
  }
}

/** Runs `fn` untold to whoever records paths: what is tried or measured on the side is not what was asked for. */
export function withoutRecording<R>(fn: () => R): R {
  const told = listeners;
  listeners = [];
  try {
    return fn();
  } finally {
    listeners = told;
  }
}

let composing = 0;

/**
 * Runs `fn` with every op composed from primitives, as if the backend had no optional ops: to compare the two paths.
 * @throws ArgumentError when `fn` is async.
 */
export function withoutFusedOps<R>(fn: () => R): R {
  composing++;
  try {
    const result = fn();
    refuseAsync('withoutFusedOps', result, 'Do the awaiting outside: after its first await ops would be fused again.');
    return result;
  } finally {
    composing--;
  }
}

/**
 * Applies an op that has a fused and a composed path. Fused where the backend has it and at most one trace, one that
 * knows how, watches the inputs; else composed, so that every kind of nesting works.
 * @throws BackendError, DTypeError on either path when the inputs do not go together.
 */
export function applyFused<I extends FusedInputs<I>, A>(op: FusedOp<I, A>, inputs: I, attributes: A): Tensor[] {
  const list = inputList(inputs);
  const backend = commonBackend(op.family, list);
  requireAlive(list);
  checkKinds(op, inputs);
  const traces = tracesOf(list);
  const reason = whyNotFused(op.family, backend) ?? whyNotTraced(traces);
  reportPath(op.family, reason);
  if (reason !== null) return op.composed(inputs, attributes);
  const [trace] = traces;
  if (trace !== undefined) return trace.processFused({ op, inputs, attributes });
  return [...op.forward(backend, inputs as Each<I, ArrayTensor>, attributes, false).outputs];
}

/** Why a family cannot run fused on a backend, or null when it can. */
export function whyNotFused(family: FusedFamily, backend: Backend): string | null {
  if (openStage() !== null) return 'it is traced to a program';
  if (composing > 0) return 'fused ops are switched off';
  if (backend[fusedFamilies[family][0]] === undefined) return `${backend.name} has no fused ${family}`;
  return null;
}

/** Tells listeners which path was taken; `reason` is null for the fused one. While a function is traced nothing runs, and nothing is told. */
export function reportPath(family: FusedFamily, reason: string | null): void {
  if (listeners.length === 0 || openStage() !== null) return;
  const taken: PathTaken = { family, path: reason === null ? 'fused' : 'composed', reason: reason ?? '' };
  for (const listener of listeners) listener(taken);
}

/** A backend's result as a tensor in the innermost scope. */
export function fromResult(backend: Backend, result: Result): ArrayTensor {
  return newTensor(backend, result.handle, result.shape, result.dtype);
}

/** A backend's optional op, which the resolver has found to be there. */
export function present<T>(member: T | undefined): T {
  if (member === undefined) throw new BackendError('An optional op was called on a backend that lacks it.');
  return member;
}

function whyNotTraced(traces: readonly Trace[]): string | null {
  const refusal = traces.find((trace) => trace.refusesFused !== null)?.refusesFused ?? null;
  return refusal ?? (traces.length > 1 ? 'it is differentiated more than once' : null);
}

function tracesOf(inputs: readonly Tensor[]): Trace[] {
  const traces: Trace[] = [];
  for (const input of inputs) {
    let inner = input;
    while (inner instanceof TracedTensor) {
      if (!traces.includes(inner.trace)) traces.push(inner.trace);
      inner = inner.primal;
    }
  }
  return traces;
}
