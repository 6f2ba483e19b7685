// What each page does: a product large enough to be shared by threads, and what the backend says of itself.

import { createBackend } from '@tempograd/backend-wasm';

export async function report() {
  const backend = await createBackend();
  const shape = [256, 256];
  const ones = { handle: backend.fill(shape, 1, 'f32'), shape, dtype: 'f32' };
  const product = { ...ones, handle: backend.matmul(ones, ones, false, false) };
  const values = await backend.read(product);
  const correct = values.every((value) => value === 256);
  backend.dispose();
  return { correct, threads: backend.info.threads, build: backend.info.build, reason: backend.info.threadsReason };
}
