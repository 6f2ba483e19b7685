import { test } from 'vitest';
import { naiveLayerNorm } from '../support/naiveForms.js';
import { expectResults, floats } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

describeVariants('layer norm', (backend) => {
  test.each([
    [1, 1],
    [7, 5],
    [33, 64],
    [40, 131],
    [0, 3],
  ])('%i rows of %i, forward and backward', (rows, length) => {
    const inputs = [floats([rows, length], 1, 2), floats([length], 2), floats([length], 3), floats([rows, length], 4)];
    const [x, weight, bias, g] = inputs.map(({ values }) => values);
    const { output, mean, rstd, dx, dWeight, dBias } = naiveLayerNorm(x!, weight!, bias!, 1e-3, g!);
    expectResults(
      backend(),
      inputs,
      (b, xs, weights, biases, cotangent) => {
        const forward = b.layerNormForward!(xs, weights, biases, 1e-3);
        const means = { ...xs, shape: [rows], handle: forward.mean };
        const rstds = { ...means, handle: forward.rstd };
        const back = b.layerNormBackward!(xs, weights, means, rstds, cotangent);
        return [
          { ...xs, handle: forward.output },
          means,
          rstds,
          { ...xs, handle: back.x },
          { ...weights, handle: back.weight },
          { ...weights, handle: back.bias },
        ];
      },
      [output, mean, rstd, dx, dWeight, dBias],
      5e-6,
    );
  });
});
