import { withoutFusedOps, type Tensor } from '@tempograd/core';
import type { Check } from '../check/Check.js';
import type { Layout } from '../check/layouts.js';
import type { HostArray } from '../host/HostArray.js';
import { compareWithDifferences, differenceQuotients, innerProduct, normOf } from './differences.js';
import { gradientOn, tangentOn, valueOn, type TensorFunction } from './evaluate.js';
import { asList, expectedOf, type Subject } from './Subject.js';

/** How to check a subject. */
export interface SubjectOptions {
  /** How inputs and cotangents lie in memory; default is plain. */
  readonly layout?: Layout;
  /** Default is true. If false, no finite differences: where functions have kinks or sizes are large. */
  readonly differences?: boolean;
  /** Default is true. If false, only the closed form counts: where the oracle would take long. */
  readonly oracle?: boolean;
}

/** The same function composed of primitives, recording nothing: how the oracle does it. */
function composed(subject: Subject): TensorFunction {
  return (...inputs) => withoutFusedOps(() => (subject.trusted ?? subject.apply).call(subject, ...inputs));
}

/** The same function, recording the paths it takes. */
function recorded(check: Check, subject: Subject): TensorFunction {
  return (...inputs) => check.recordPaths(() => asList<Tensor>(subject.apply(...inputs))).result;
}

/** Its value is the closed form's and the oracle's; a second time too, in memory that was left dirty. */
export async function checkValue(
  check: Check,
  subject: Subject,
  { layout, oracle = true }: SubjectOptions = {},
): Promise<void> {
  const inputs = subject.inputs(check.sample);
  const closed = expectedOf(subject, inputs);
  const comparison = { measure: 'value', opClass: subject.opClass, what: 'the value' } as const;
  const actual = await valueOn(check.device, recorded(check, subject), inputs, layout);
  if (closed !== null) check.compareAll(actual, closed, { ...comparison, what: 'the value against the closed form' });
  if (oracle || closed === null) {
    const trusted = await valueOn(check.oracle, composed(subject), inputs);
    check.compareAll(actual, trusted, { ...comparison, what: 'the value against the oracle' });
  }
  check.device.soil(actual);
  const again = await valueOn(check.device, (...xs) => subject.apply(...xs), inputs, layout);
  check.compareAll(again, actual, { ...comparison, what: 'the value in memory that held something else' });
}

/** Its gradient is the oracle's, and that of finite differences on the backend itself. */
export async function checkGradient(
  check: Check,
  subject: Subject,
  { layout, differences = true }: SubjectOptions = {},
): Promise<void> {
  const inputs = subject.inputs(check.sample);
  let cotangents: HostArray[] = [];
  const trusted = await gradientOn(
    check.oracle,
    composed(subject),
    inputs,
    (values) => (cotangents = values.map((y) => check.sample.floats(y.shape))),
  );
  const actual = await gradientOn(check.device, recorded(check, subject), inputs, cotangents, layout);
  const comparison = { measure: 'gradient', opClass: subject.opClass, what: 'the gradient of float input' } as const;
  check.compareAll(actual, trusted, comparison);
  check.device.soil([...actual, ...cotangents]);
  const again = await gradientOn(check.device, (...xs) => subject.apply(...xs), inputs, cotangents, layout);
  check.compareAll(again, trusted, { ...comparison, what: `${comparison.what}, in memory that held something else,` });
  if (differences)
    await compareWithDifferences(check, (...xs) => subject.apply(...xs), inputs, cotangents, actual, subject.opClass);
}

/** Its jvp is that of finite differences, and agrees with its vjp: `⟨w, J v⟩ = ⟨Jᵀ w, v⟩`. */
export async function checkJvp(check: Check, subject: Subject): Promise<void> {
  const inputs = subject.inputs(check.sample);
  const fn: TensorFunction = (...xs) => subject.apply(...xs);
  const directions = inputs.map((x) => (x.kind === 'float' ? check.sample.signs(x.shape) : x));
  const forward = await tangentOn(check.device, recorded(check, subject), inputs, directions);
  const [quotient = []] = await differenceQuotients(check, fn, inputs, [directions]);
  forward.forEach((tangent, index) =>
    check.compare(tangent, quotient[index] as HostArray, {
      measure: 'differences',
      opClass: subject.opClass,
      what: `tangent ${index}`,
    }),
  );
  const cotangents = forward.map((y) => check.sample.floats(y.shape));
  const gradients = await gradientOn(check.device, fn, inputs, cotangents);
  const along = directions.filter((_, index) => inputs[index]?.kind === 'float');
  const forwards = innerProduct(cotangents, forward);
  check.compareNumber(innerProduct(gradients, along), forwards, normOf(gradients), {
    measure: 'gradient',
    opClass: subject.opClass === 'exact' ? 'product' : subject.opClass,
    what: '⟨Jᵀw, v⟩ against ⟨w, Jv⟩',
  });
}
