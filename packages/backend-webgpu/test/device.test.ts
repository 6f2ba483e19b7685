import { expect, test } from 'vitest';
import { createBackend } from '../src/index.js';

test('values come back', async () => {
  const backend = await createBackend({ poison: true });
  const x = { handle: backend.write(new Float32Array([1, 2, 3]), [3], 'f32'), shape: [3], dtype: 'f32' as const };
  const y = { ...x, handle: backend.unary('neg', x) };
  const f = { ...x, handle: backend.fill([3], 5, 'f32') };
  expect([...(await backend.read(y))]).toEqual([-1, -2, -3]);
  expect((await Promise.all([backend.read(f), backend.read(x)])).map((v) => [...v])).toEqual([
    [5, 5, 5],
    [1, 2, 3],
  ]);
  backend.dispose?.();
});
