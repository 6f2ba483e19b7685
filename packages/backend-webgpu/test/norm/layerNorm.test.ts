import type { Operand } from '@tempograd/core/backend';
import { expect, test } from 'vitest';
import { expectAgreement, floats, useGpu } from '../support/agreement.js';
import type { Input, Program } from '../support/agreement.js';

const backend = useGpu();
const epsilon = 1e-3;

/** What `both` gives, in f64, one number at a time. */
function expectedOf(inputs: readonly Input[]): Float64Array[] {
  const [x, weight, bias, g] = inputs.map(({ values }) => Float64Array.from(Float32Array.from(values)));
  const [rows, length] = inputs[0]!.shape as [number, number];
  const [output, dx] = [new Float64Array(rows * length), new Float64Array(rows * length)];
  const [dWeight, dBias] = [new Float64Array(length), new Float64Array(length)];
  const [means, rstds] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    const at = row * length;
    const values = x!.subarray(at, at + length);
    const mean = values.reduce((a, b) => a + b, 0) / length;
    const rstd = 1 / Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / length + epsilon);
    const normal = values.map((value) => (value - mean) * rstd);
    const u = normal.map((_, c) => g![at + c]! * weight![c]!);
    const meanU = u.reduce((a, b) => a + b, 0) / length;
    const meanWithNormal = u.reduce((a, b, c) => a + b * normal[c]!, 0) / length;
    [means[row], rstds[row]] = [mean, rstd];
    for (let c = 0; c < length; c++) {
      output[at + c] = normal[c]! * weight![c]! + bias![c]!;
      dx[at + c] = rstd * (u[c]! - meanU - normal[c]! * meanWithNormal);
      dWeight[c]! += g![at + c]! * normal[c]!;
      dBias[c]! += g![at + c]!;
    }
  }
  return [output, means, rstds, dx, dWeight, dBias];
}

const both: Program = (b, x, weight, bias, cotangent) => {
  const forward = b.layerNormForward!(x, weight, bias, epsilon);
  const mean = { ...x, shape: x.shape.slice(0, 1), handle: forward.mean };
  const rstd = { ...mean, handle: forward.rstd };
  const back = b.layerNormBackward!(x, weight, mean, rstd, cotangent);
  const [dx, dWeight] = [{ ...x, handle: back.x }, { ...weight, handle: back.weight }]; // prettier-ignore
  return [{ ...x, handle: forward.output }, mean, rstd, dx, dWeight, { ...weight, handle: back.bias }];
};

test.each([
  [1, 1],
  [7, 5],
  [33, 64],
  [40, 131],
  [1, 3000],
  [700, 67],
  [5001, 3],
  [0, 3],
  [3, 0],
])('%i rows of %i, forward and backward', async (rows, length) => {
  const inputs = [floats([rows, length], 1, 2), floats([length], 2), floats([length], 3), floats([rows, length], 4)];
  await expectAgreement(backend(), inputs, both, { tolerance: 3e-6 }, expectedOf(inputs));
});

test('rows far from 0, and a row with NaN beside others', async () => {
  const x = floats([3, 65], 1);
  const far = { ...x, values: Array.from(x.values, (value) => value + 100) };
  const inputs = [far, floats([65], 2), floats([65], 3), floats([3, 65], 4)];
  await expectAgreement(backend(), inputs, both, { tolerance: 2e-5 }, expectedOf(inputs));
  const spoilt = { ...x, values: Array.from(x.values, (value, i) => (i === 70 ? NaN : value)) };
  const others = [spoilt, ...inputs.slice(1)];
  await expectAgreement(backend(), others, both, { tolerance: 3e-6 }, expectedOf(others));
});

test('more columns than a dispatch has workgroups along one axis', async () => {
  const [gpu, length] = [backend(), 65_535 * 32 + 5];
  const fill = (shape: readonly number[], value: number): Operand => ({
    handle: gpu.fill(shape, value, 'f32'),
    shape,
    dtype: 'f32',
  });
  const [x, weight, cotangent] = [fill([1, length], 3), fill([length], 1), fill([1, length], 5)];
  const [mean, rstd] = [fill([1], 1), fill([1], 2)];
  const back = gpu.layerNormBackward!(x, weight, mean, rstd, cotangent);
  const [dWeight, dBias] = await Promise.all(
    [back.weight, back.bias].map((handle) => gpu.read({ handle, shape: [length], dtype: 'f32' })),
  );
  expect(dWeight!.every((value) => value === 20)).toBe(true);
  expect(dBias!.every((value) => value === 5)).toBe(true);
  for (const { handle } of [x, weight, cotangent, mean, rstd]) gpu.release(handle);
  for (const handle of [back.x, back.weight, back.bias]) gpu.release(handle);
});
