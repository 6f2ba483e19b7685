import { test } from 'vitest';
import { naiveLinearScan } from '../support/naiveForms.js';
import { expectResults, floats } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

describeVariants('linear scan', (backend) => {
  test.each([
    [1, [3]],
    [17, [5, 7]],
    [50, [64]],
    [3, []],
  ])('%i steps of %j, forward and backward', (time, rest) => {
    const shape = [time, ...rest];
    const inputs = [floats(shape, 1), floats(shape, 2), floats(rest, 3), floats(shape, 4)];
    const [a, b, h0, g] = inputs.map(({ values }) => values);
    const { h, da, db, dh0 } = naiveLinearScan(a!, b!, h0!, g!);
    expectResults(
      backend(),
      inputs,
      (be, xa, xb, xh, cotangent) => {
        const states = { ...xa, handle: be.linearScanForward!(xa, xb, xh) };
        const back = be.linearScanBackward!(xa, states, xh, cotangent);
        return [states, { ...xa, handle: back.a }, { ...xa, handle: back.b }, { ...xh, handle: back.h0 }];
      },
      [h, da, db, dh0],
      2e-6,
    );
  });
});
