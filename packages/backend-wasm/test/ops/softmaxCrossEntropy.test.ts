import { test } from 'vitest';
import { expectAgreement, floats, integers, type Input } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

describeVariants('softmax cross-entropy', (backend) => {
  test.each([
    [1, 1],
    [5, 3],
    [33, 65],
    [64, 100],
  ])('softmax cross-entropy of %i rows of %i classes', (rows, classes) => {
    for (const smoothing of [0, 0.1]) {
      for (const scale of [1, 30]) {
        const inputs = [floats([rows, classes], 1, scale), integers([rows], 2, -1, classes)];
        expectAgreement(
          backend(),
          inputs,
          (b, x, y) => {
            const { loss, gradient } = b.softmaxCrossEntropy!(x, y, smoothing, true);
            const alone = b.softmaxCrossEntropy!(x, y, smoothing, false);
            return [
              { ...x, shape: [rows], handle: loss },
              { ...x, handle: gradient! },
              { ...x, shape: [rows], handle: alone.loss },
              alone.gradient === null ? null : x,
            ];
          },
          2e-6,
        );
      }
    }
  });

  test('softmax cross-entropy of logits at ±1000', () => {
    const logits: Input = { shape: [2, 3], dtype: 'f32', values: [1000, -1000, 999, -1000, -1000, -1000] };
    const targets: Input = { shape: [2], dtype: 'i32', values: [0, 2] };
    expectAgreement(backend(), [logits, targets], (b, x, y) => {
      const { loss, gradient } = b.softmaxCrossEntropy!(x, y, 0, true);
      return [
        { ...x, shape: [2], handle: loss },
        { ...x, handle: gradient! },
      ];
    });
  });
});
