import { describe, expect, test } from 'vitest';
import { builds, loadKernels, makeRandom } from './kernels.js';

const both = builds.filter((build) => build !== 'simd');

// An engine without relaxed SIMD has only the plain build to run.
describe.skipIf(both.length === 0)('the relaxed and the wide build give the same bits', async () => {
  const kernelsOfBoth = await Promise.all(both.map((build) => loadKernels(build, 1)));
  test.each(['exp', 'log', 'log1p', 'sin', 'cos', 'tanh', 'sigmoid', 'relu', 'neg', 'abs', 'sign', 'floor', 'sqrt'])(
    '%s: every length up to five vectors, and what lies behind is left alone',
    (op) => {
      const random = makeRandom(op.length);
      for (let length = 0; length <= 20; length++) {
        const x = Float32Array.from({ length }, () => random() * 4);
        const [one, other] = kernelsOfBoth.map((kernels) => {
          kernels.reset();
          const out = kernels.allocate(length * 4 + 4, 4);
          const args = kernels.put(Int32Array.of(kernels.put(x, 8), out, length));
          (kernels.exports[`${op}F32`] as (...words: number[]) => void)(args, 0, 1, 0);
          return new Uint32Array(kernels.memory.buffer, out, length + 1).slice();
        });
        expect(one, `${length}`).toEqual(other);
        expect(one?.[length]).toBe(0xffffffff);
      }
    },
  );
});
