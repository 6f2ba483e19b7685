import type { Backend, Operand } from '@tempograd/core/backend';

/** An f32 tensor of these values. */
export function tensor<H extends object>(
  backend: Backend<H>,
  values: readonly number[],
  shape: readonly number[] = [values.length],
): Operand<H> {
  return { handle: backend.write(Float32Array.from(values), shape, 'f32'), shape, dtype: 'f32' };
}

/** What a unary op makes. */
export function negated<H extends object>(backend: Backend<H>, x: Operand<H>): Operand<H> {
  return { ...x, handle: backend.unary('neg', x) };
}

/** The error that a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('The promise was kept, where an error was expected.');
}
