import { TraceError, type Backend, type CompiledSegment } from '../backend/index.js';
import { present } from '../tensor/applyFused.js';
import { fromArray } from '../tensor/ops/index.js';
import { ArrayTensor, Tensor } from '../tensor/Tensor.js';
import { exactJson } from '../tracing/simplify.js';
import type { Cell } from './Cell.js';
import { segmentProgram, traceScanStep, whyNotCompiled, type StepProgram } from './stepProgram.js';

/** A cell's step that a backend has compiled. */
export interface CompiledStep<P, C, X, Y> {
  readonly program: StepProgram<P, C, X, Y>;
  readonly compiled: CompiledSegment;
  /** What was compiled: steps of equal text need it once. */
  readonly text: string;
}

/** What a scan gives to its steps. */
interface StepArguments<P, C, X> {
  readonly params: P;
  readonly carry: C;
  readonly inputs: X;
  /** Whether the run has random numbers: a step that looks at the key is not compiled. */
  readonly hasKey: boolean;
}

type AnyStep = CompiledStep<unknown, unknown, unknown, unknown>;

/** By backend, cell, and signature of the arguments; a string says why there is none. */
const steps = new WeakMap<Backend, WeakMap<object, Map<string, AnyStep | string>>>();

/**
 * Gives `use` the compiled step of a cell, or the reason why there is none. A step is traced and compiled once for each signature of
 * its arguments. Of a tensor that it closes over every call takes the value that it has then, as the step itself would; where such
 * a tensor is no longer there, or belongs to a differentiation, the step is traced again, and compiled again if it has changed.
 */
export function withCompiledStep<P, C, X, Y, R>(
  backend: Backend,
  cell: Cell<P, C, X, Y>,
  args: StepArguments<P, C, X>,
  use: (step: CompiledStep<P, C, X, Y> | string) => R,
): R {
  const known = stepsOf(backend, cell);
  const { params, carry, inputs, hasKey } = args;
  const signature = `${signatureOf([params, carry])} over ${signatureOf(inputs, 1)}${hasKey ? ' with a key' : ''}`;
  const before = known.get(signature);
  if (before !== undefined && isCurrent(before)) return use(before as CompiledStep<P, C, X, Y> | string);
  const program = traceOrReason(cell, args);
  if (typeof program === 'string') {
    known.set(signature, program);
    return use(program);
  }
  try {
    const step = compileStep(backend, program, args, [...known.values()]);
    known.set(signature, step);
    return use(step);
  } finally {
    program.dispose();
  }
}

/** The tensors that a step closes over, as they are now; values that it makes on the host are written. */
export function constantsOf({ program }: AnyStep): Tensor[] {
  return program.constants.map(({ source, value, shape, dtype }) => {
    if (source !== null && isThere(source)) return source;
    return value instanceof Tensor ? value : fromArray(value, shape, { dtype, backend: program.backend });
  });
}

function traceOrReason<P, C, X, Y>(
  cell: Cell<P, C, X, Y>,
  { params, carry, inputs, hasKey }: StepArguments<P, C, X>,
): StepProgram<P, C, X, Y> | string {
  try {
    return traceScanStep(cell, params, carry, inputs, hasKey);
  } catch (error) {
    if (error instanceof TraceError) return `its step cannot be traced: ${error.message}`;
    throw error;
  }
}

/** The step compiled, by what the backend made of an equal one where there is one, or the reason why it cannot be. */
function compileStep<P, C, X, Y>(
  backend: Backend,
  program: StepProgram<P, C, X, Y>,
  { params, carry }: StepArguments<P, C, X>,
  known: readonly (AnyStep | string)[],
): CompiledStep<P, C, X, Y> | string {
  const refused = whyNotCompiled(program, carry);
  if (refused !== null) return refused;
  const data = segmentProgram(program, { params, carry });
  const text = exactJson(data);
  const equal = known.find((step) => typeof step === 'object' && step.text === text) as AnyStep | undefined;
  const compiled = equal?.compiled ?? present(backend.compileSegment).call(backend, data);
  return compiled === null ? `${backend.name} cannot compile its step` : { program, text, compiled };
}

function stepsOf(backend: Backend, cell: object): Map<string, AnyStep | string> {
  const ofBackend = steps.get(backend) ?? new WeakMap<object, Map<string, AnyStep | string>>();
  const ofCell = ofBackend.get(cell) ?? new Map<string, AnyStep | string>();
  steps.set(backend, ofBackend.set(cell, ofCell));
  return ofCell;
}

function isCurrent(step: AnyStep | string): boolean {
  return typeof step === 'string' || step.program.constants.every(({ source }) => source === null || isThere(source));
}

function isThere(x: Tensor): boolean {
  return x instanceof ArrayTensor && !x.disposed;
}

/** The structure of a tree with the dtypes and shapes of its tensors, without the first `skip` axes of each. */
function signatureOf(tree: unknown, skip = 0): string {
  if (tree instanceof Tensor) return `${tree.dtype}[${tree.shape.slice(skip).join()}]`;
  if (tree === null || tree === undefined) return String(tree);
  const children = Object.entries(tree).map(([key, child]) => `${JSON.stringify(key)}:${signatureOf(child, skip)}`);
  return Array.isArray(tree) ? `[${children.join()}]` : `{${children.join()}}`;
}
