import { BackendError, type Backend, type BinaryOp, type Operand, type UnaryOp } from '@tempograd/core/backend';

/** @throws BackendError unless `op` of `x` is `expected`, NaN being NaN. */
export async function ofUnary(backend: Backend, op: UnaryOp, x: number, expected: number): Promise<void> {
  const operand = filled(backend, x);
  requireSame(op, await take(backend, backend.unary(op, operand), operand), expected);
  backend.release(operand.handle);
}

/** @throws BackendError unless `op` of `a` and `b` is `expected`, NaN being NaN. */
export async function ofBinary(backend: Backend, op: BinaryOp, a: number, b: number, expected: number): Promise<void> {
  const [x, y] = [filled(backend, a), filled(backend, b)];
  requireSame(op, await take(backend, backend.binary(op, x, y), x), expected);
  for (const { handle } of [x, y]) backend.release(handle);
}

/** @throws BackendError unless `x` as an integer is `expected`. */
export async function ofCast(backend: Backend, x: number, expected: number): Promise<void> {
  const operand = filled(backend, x);
  const whole: Operand = { handle: backend.cast(operand, 'i32'), shape: operand.shape, dtype: 'i32' };
  requireSame('cast', await take(backend, whole.handle, whole), expected);
  backend.release(operand.handle);
}

/** @throws BackendError unless the greatest of many `x` is `expected`. */
export async function ofMax(backend: Backend, x: number, expected: number): Promise<void> {
  const operand = filled(backend, x);
  const scalar: Operand = { handle: backend.max(operand, [0]), shape: [], dtype: 'f32' };
  requireSame('max', await take(backend, scalar.handle, scalar), expected);
  backend.release(operand.handle);
}

/** @throws BackendError unless integers of more than 24 bits come out of `move` as even ones, as floats are. */
export async function ofMovedIntegers(backend: Backend, move: (x: Operand) => object): Promise<void> {
  const odd = Int32Array.from({ length: 12 }, (_, n) => 2 ** 24 + 1 + 2 * n);
  const x: Operand = { handle: backend.write(odd, [3, 4], 'i32'), shape: [3, 4], dtype: 'i32' };
  const values = await take(backend, move(x), x);
  backend.release(x.handle);
  if (values.some((value) => value % 2 !== 0)) {
    throw new BackendError(`${backend.name} keeps integers beyond 24 bits, which it was known to round.`);
  }
}

/** More elements than one, because of one element tfjs makes a scalar, which it may compute elsewhere. */
function filled(backend: Backend, value: number): Operand {
  const values = new Float32Array(20).fill(value);
  return { handle: backend.write(values, [20], 'f32'), shape: [20], dtype: 'f32' };
}

async function take(backend: Backend, handle: object, like: Operand): Promise<number[]> {
  const values = [...(await backend.read({ ...like, handle }))];
  backend.release(handle);
  return values;
}

function requireSame(op: string, values: readonly number[], expected: number): void {
  const other = values.find((value) => !Object.is(value, expected));
  if (other !== undefined) throw new BackendError(`${op} gives ${other}, and was known to give ${expected}.`);
}
