import { test } from 'vitest';
import { expectAgreement, floats, integers, useGpu } from '../support/agreement.js';
import type { Input, Program } from '../support/agreement.js';

const backend = useGpu();

const lossAndGradient =
  (smoothing: number): Program =>
  (b, x, y) => {
    const { loss, gradient } = b.softmaxCrossEntropy!(x, y, smoothing, true);
    const alone = b.softmaxCrossEntropy!(x, y, smoothing, false);
    const losses = { ...x, shape: y.shape };
    return [
      { ...losses, handle: loss },
      { ...x, handle: gradient! },
      { ...losses, handle: alone.loss },
    ];
  };

test.each([
  [1, 1],
  [5, 3],
  [33, 65],
  [70, 257],
  [3, 5003],
  [1, 100_000],
  [0, 7],
])('%i rows of %i classes', async (rows, classes) => {
  for (const smoothing of [0, 0.1]) {
    for (const scale of [1, 30]) {
      const inputs = [floats([rows, classes], 1, scale), integers([rows], 2, -1, classes + 1)];
      await expectAgreement(backend(), inputs, lossAndGradient(smoothing), { tolerance: 2e-6, floor: 0.05 });
    }
  }
});

test.each([0, 0.2])('logits that are large, infinite or no numbers, label smoothing %f', async (smoothing) => {
  const big = 3e38;
  const values = [
    [1000, -1000, 999],
    [-1000, -1000, -1000],
    [big, big, big],
    [big, big - 1e32, 0],
    [-Infinity, 0, 1],
    [0, -Infinity, 1],
    [Infinity, 0, 1],
    [-Infinity, -Infinity, -Infinity],
    [NaN, 0, 1],
    [0, 1, -NaN],
    [NaN, Infinity, -Infinity],
    [0, 0, 0],
  ].flat();
  for (const target of [0, 1, 2, 3, -1]) {
    const logits: Input = { shape: [12, 3], dtype: 'f32', values };
    const targets: Input = { shape: [12], dtype: 'i32', values: Array.from({ length: 12 }, () => target) };
    const inputs = [logits, targets];
    await expectAgreement(backend(), inputs, lossAndGradient(smoothing), { tolerance: 2e-6, floor: 0.05 });
  }
});

test('a sure prediction costs what it costs, to the last digits', async () => {
  const loss: Program = (b, x, y) => [{ ...x, shape: y.shape, handle: b.softmaxCrossEntropy!(x, y, 0, false).loss }];
  for (const margin of [1, 5, 10, 16]) {
    const logits: Input = { shape: [1, 4], dtype: 'f32', values: [0, margin, 0, -1] };
    const targets: Input = { shape: [1], dtype: 'i32', values: [1] };
    await expectAgreement(backend(), [logits, targets], loss, { tolerance: 1e-6, floor: 0 });
  }
});
