import * as core from '@tempograd/core';
import type { Tensor } from '@tempograd/core';
import { floats } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { compareWithDifferences, differenceQuotients, innerProduct, normOf } from '../subject/differences.js';
import { gradientOn, tangentOn, valueOn, type TensorFunction } from '../subject/evaluate.js';
import { binarySubject, gatherSubject, matmulSubject, reduceSubject, unarySubject } from '../subject/opSubjects.js';
import type { Subject } from '../subject/Subject.js';

const subjects = [
  unarySubject('tanh', [2, 3]),
  unarySubject('sigmoid', [2, 3]),
  unarySubject('exp', [2, 3]),
  unarySubject('log', [2, 3]),
  unarySubject('sqrt', [2, 3]),
  unarySubject('sin', [2, 3]),
  binarySubject('mul', [2, 3], [3]),
  binarySubject('div', [2, 3], [3]),
  binarySubject('pow', [2, 3], [3]),
  matmulSubject([2, 3], [3, 2], false, false),
  reduceSubject('sum', [2, 3], [0]),
  gatherSubject([3, 2], [4]),
];

/** `x ↦ gradient of Σ fn(x)³`: a function that is a gradient itself. */
function cubedGradient(fn: TensorFunction): TensorFunction {
  return (...inputs) => {
    const moving = inputs.filter((x) => x.dtype !== 'i32');
    const loss = (xs: Tensor[]): Tensor => {
      let next = 0;
      const y = fn(...inputs.map((x) => (x.dtype === 'i32' ? x : (xs[next++] as Tensor)))) as Tensor;
      return core.sum(core.mul(core.mul(y, y), y));
    };
    return core.grad(loss)(moving);
  };
}

/** The derivative of a gradient, backward over backward and forward over backward. */
export const nestingCases: readonly ConformanceCase[] = subjects.flatMap((subject: Subject) => [
  defineCase(
    { name: `${subject.op}: gradient, of a gradient`, group: 'nesting', op: subject.op, kind: 'gradient' },
    async (check) => {
      const inputs = subject.inputs(check.sample);
      const fn = cubedGradient((...xs) => subject.apply(...xs));
      const cotangents = (await valueOn(check.oracle, fn, inputs)).map((y) => check.sample.floats(y.shape));
      const actual = await gradientOn(check.device, fn, inputs, cotangents);
      const trusted = await gradientOn(check.oracle, fn, inputs, cotangents);
      check.compareAll(actual, trusted, {
        measure: 'gradient',
        opClass: 'normalised',
        what: 'the gradient of the gradient',
      });
      await compareWithDifferences(check, fn, inputs, cotangents, actual, 'recurrent');
    },
  ),
  defineCase(
    { name: `${subject.op}: jvp, of a gradient`, group: 'nesting', op: subject.op, kind: 'jvp' },
    async (check) => {
      const inputs = subject.inputs(check.sample);
      const fn = cubedGradient((...xs) => subject.apply(...xs));
      const directions = inputs.map((x) => (x.kind === 'float' ? check.sample.signs(x.shape) : x));
      const actual = await tangentOn(check.device, fn, inputs, directions);
      const trusted = await tangentOn(check.oracle, fn, inputs, directions);
      check.compareAll(actual, trusted, {
        measure: 'gradient',
        opClass: 'normalised',
        what: 'the tangent of the gradient',
      });
      const [quotient = []] = await differenceQuotients(check, fn, inputs, [directions]);
      const cotangents = actual.map((y) => check.sample.floats(y.shape));
      check.compareNumber(innerProduct(actual, cotangents), innerProduct(quotient, cotangents), normOf(actual), {
        measure: 'differences',
        opClass: 'recurrent',
        what: 'the tangent of the gradient against differences of gradients',
      });
    },
  ),
]);

/** Slopes of slopes do not depend on the order: `∂²aᵇ / ∂a∂b = 1/a` at b = 0, where `∂aᵇ/∂a` is 0. */
export const mixedDerivativeCase: ConformanceCase = defineCase(
  { name: 'pow: gradient, of a gradient at exponent 0', group: 'nesting', op: 'pow', kind: 'gradient' },
  async (check) => {
    const powerSum = (a: Tensor, b: Tensor): Tensor => core.sum(core.pow(a, b));
    const byBase = core.grad((a: Tensor, b: Tensor) => powerSum(a, b));
    const byExponent = core.grad((b: Tensor, a: Tensor) => powerSum(a, b));
    const mixed = await check.device.run(() => {
      const a = check.device.write(floats([2], [2, 0.5]));
      const b = check.device.write(floats([2], [0, 0]));
      return [
        core.grad((exponent: Tensor) => core.sum(byBase(a, exponent)))(b),
        core.grad((base: Tensor) => core.sum(byExponent(b, base)))(a),
      ];
    });
    check.compareAll(mixed, [floats([2], [0.5, 2]), floats([2], [0.5, 2])], {
      measure: 'gradient',
      opClass: 'elementwise',
      what: 'the mixed derivative',
    });
  },
);

/** A cubic, three times differentiated: 6 everywhere. */
export const thirdDerivativeCase: ConformanceCase = defineCase(
  { name: 'mul: gradient, of a gradient of a gradient', group: 'nesting', op: 'mul', kind: 'gradient' },
  async (check) => {
    const cube = (x: Tensor): Tensor => core.mul(core.mul(x, x), x);
    const [third] = await check.device.run(() => [
      core.grad(core.grad(core.grad(cube)))(check.device.write(floats([], [0.7]))),
    ]);
    check.compareAll([third!], [floats([], [6])], {
      measure: 'gradient',
      opClass: 'product',
      what: 'the third derivative of x³',
    });
  },
);
