import { sizeOf } from '@tempograd/core/backend';
import { test } from 'vitest';
import { expectAgreement, floats, useGpu } from '../support/agreement.js';
import type { Input, Program } from '../support/agreement.js';

const backend = useGpu();

/** What `both` gives, in f64. */
function expectedOf(inputs: readonly Input[]): Float64Array[] {
  const [a, b, h0, g] = inputs.map(({ values }) => Float64Array.from(Float32Array.from(values)));
  const width = sizeOf(inputs[2]!.shape);
  const [h, da, db] = [new Float64Array(a!.length), new Float64Array(a!.length), new Float64Array(a!.length)];
  const before = (i: number): number => (i < width ? h0![i]! : h[i - width]!);
  for (let i = 0; i < a!.length; i++) h[i] = a![i]! * before(i) + b![i]!;
  const carried = new Float64Array(width);
  for (let i = a!.length - 1; i >= 0; i--) {
    db[i] = g![i]! + carried[i % width]!;
    da[i] = db[i]! * before(i);
    carried[i % width] = a![i]! * db[i]!;
  }
  return [h, da, db, carried];
}

const both: Program = (b, a, x, h0, cotangent) => {
  const h = { ...a, handle: b.linearScanForward!(a, x, h0) };
  const back = b.linearScanBackward!(a, h, h0, cotangent);
  return [h, { ...a, handle: back.a }, { ...a, handle: back.b }, { ...h0, handle: back.h0 }];
};

test.each([
  [1, [3]],
  [7, [2]],
  [8, [2]],
  [9, [2]],
  [17, [5, 7]],
  [50, [64]],
  [300, []],
  [3000, [2]],
  [5000, [3]],
  [700, [130]],
  [2, [70_000]],
  [4, [0, 3]],
  [0, [5]],
])('%i steps of %j, forward and backward', async (time, rest) => {
  const shape = [time, ...rest];
  const inputs = [floats(shape, 1), floats(shape, 2), floats(rest, 3), floats(shape, 4)];
  await expectAgreement(backend(), inputs, both, { tolerance: 2e-6 }, expectedOf(inputs));
});

test('NaN goes on in its own column only', async () => {
  const inputs = [floats([40, 3], 1), floats([40, 3], 2), floats([3], 3), floats([40, 3], 4)];
  const spoilt = [...inputs];
  spoilt[1] = { ...inputs[1]!, values: Array.from(inputs[1]!.values, (value, i) => (i === 31 ? NaN : value)) };
  await expectAgreement(backend(), spoilt, both, { tolerance: 2e-6 }, expectedOf(spoilt));
});
