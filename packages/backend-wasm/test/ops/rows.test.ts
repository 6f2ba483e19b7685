import { sizeOf } from '@tempograd/core/backend';
import fc from 'fast-check';
import { test } from 'vitest';
import { expectAgreement, floats, integers } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const dims = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 2 });

describeVariants('rows by number', (backend) => {
  test('gather, indices outside included', () => {
    fc.assert(
      fc.property(fc.nat(5), dims, dims, fc.boolean(), (rows, rest, at, whole) => {
        const x = whole ? integers([rows, ...rest], 1, -9, 9) : floats([rows, ...rest], 1);
        const shape = [...at, ...rest];
        const inputs = [x, integers(at, 2, -2, rows + 2)];
        expectAgreement(backend(), inputs, (b, a, i) => [{ ...a, shape, handle: b.gather(a, i) }], 0);
      }),
      { numRuns: 60 },
    );
  });

  test('scatterAdd, repeated indices and ones outside included', () => {
    fc.assert(
      fc.property(fc.nat(5), dims, dims, fc.boolean(), (rows, rest, at, whole) => {
        const x = whole ? integers([...at, ...rest], 1, -9, 9) : floats([...at, ...rest], 1);
        const inputs = [integers(at, 2, -2, rows + 2), x];
        const shape = [rows, ...rest];
        expectAgreement(backend(), inputs, (b, i, u) => [{ ...u, shape, handle: b.scatterAdd(i, u, rows) }]);
      }),
      { numRuns: 60 },
    );
  });

  test('an embedding and its gradient', () => {
    const inputs = [floats([65, 67], 1), integers([50, 8], 2, 0, 65), floats([400, 67], 3)];
    expectAgreement(backend(), inputs, (b, x, i, u) => {
      const flat = { ...i, shape: [sizeOf(i.shape)], handle: b.reshape(i, [400]) };
      const results = [
        { ...x, shape: [50, 8, 67], handle: b.gather(x, i) },
        { ...x, handle: b.scatterAdd(flat, u, 65) },
      ];
      b.release(flat.handle);
      return results;
    });
  });
});
