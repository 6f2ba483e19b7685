import { expect, test } from 'vitest';
import { createBackend } from '../src/index.js';

test('values come back', async () => {
  const backend = await createBackend({ poison: true });
  console.log(backend.info);
  const x = { handle: backend.write(new Float32Array([1, 2, 3]), [3], 'f32'), shape: [3], dtype: 'f32' as const };
  const y = { ...x, handle: backend.unary('neg', x) };
  const f = { ...x, handle: backend.fill([3], 5, 'f32') };
  expect([...(await backend.read(y))]).toEqual([-1, -2, -3]);
  expect((await Promise.all([backend.read(f), backend.read(x)])).map((v) => [...v])).toEqual([
    [5, 5, 5],
    [1, 2, 3],
  ]);
  console.log(backend.memory());
  const t0 = performance.now();
  for (let i = 0; i < 3000; i++) backend.release(backend.unary('neg', x));
  const t1 = performance.now();
  backend.flush?.();
  console.log('us per op', ((t1 - t0) / 3000) * 1000, performance.now() - t1);
  await backend.read(x);
  console.log(performance.now() - t1);
  backend.dispose?.();
});
