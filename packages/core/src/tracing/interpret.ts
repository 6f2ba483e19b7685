import {
  ArgumentError,
  binaryOps,
  DTypeError,
  formatShape,
  sameShape,
  ShapeError,
  type Argument,
  type Backend,
  type ProgramData,
} from '../backend/index.js';
import { bind } from '../tensor/bind.js';
import { fromArray, full } from '../tensor/ops/create.js';
import { alias, scope } from '../tensor/scope.js';
import { constantOf, Literal, Tensor } from '../tensor/Tensor.js';
import { treeFill } from '../tensor/tree.js';
import { namedLeaves } from './namedLeaves.js';
import { Program, type TracedEquation } from './Program.js';

/**
 * Runs a program, one primitive after another, on arguments like those it was traced with: what `fn` itself gives, bit for bit,
 * where its ops are composed from primitives. It can be differentiated, and traced again. Results belong to the caller's scope.
 * @throws ArgumentError, ShapeError, DTypeError naming the argument that is not like the one that was traced.
 */
export function interpret<A extends readonly unknown[], R>(program: Program<A, R>, ...args: A): R {
  if (!(program instanceof Program)) {
    throw new ArgumentError('interpret: needs a program first, as trace() makes it, then its arguments.');
  }
  const inputs = matchInputs(program, args);
  const backend = inputs[0]?.backend ?? program.backend;
  return scope(() => {
    const constants = program.constants.map(({ value, shape, dtype }) =>
      value instanceof Tensor ? value : fromArray(value, shape, { dtype, backend }),
    );
    const outputs = evaluate(program.data, [...inputs, ...constants], backend);
    return treeFill(program.result, outputs.map(alias));
  });
}

/** The outputs of a program as data; they belong to the innermost scope, or are inputs. */
export function evaluate(
  { equations, outputs }: ProgramData<TracedEquation>,
  inputs: readonly Tensor[],
  backend: Backend,
): Tensor[] {
  const variables = [...inputs];
  const tensorOf = (x: Argument): Tensor =>
    'literal' in x ? full([], x.literal, { dtype: x.dtype, backend }) : (variables[x.variable] as Tensor);
  for (const equation of equations) {
    const { primitive, shape, dtype } = equation;
    const [first] = equation.inputs as [Argument];
    if (primitive === 'broadcast' && 'literal' in first) variables.push(full(shape, first.literal, { dtype, backend }));
    else if (primitive === 'stopGradient') variables.push(alias(constantOf(tensorOf(first))));
    else
      variables.push(
        bind(primitive, operandsOf(equation, tensorOf, backend), equation.attributes as never, shape, dtype),
      );
  }
  return outputs.map(tensorOf);
}

/** Inputs of a primitive: numbers as literals where they stand beside a tensor. */
function operandsOf(
  { primitive, inputs }: TracedEquation,
  tensorOf: (x: Argument) => Tensor,
  backend: Backend,
): Tensor[] {
  const pairFrom = primitive === 'select' ? 1 : primitive === 'compare' || isBinary(primitive) ? 0 : inputs.length;
  const besideTensor = inputs.slice(pairFrom).some((x) => 'variable' in x);
  return inputs.map((x, index) =>
    'literal' in x && besideTensor && index >= pairFrom
      ? new Literal(x.literal, { dtype: x.dtype, backend })
      : tensorOf(x),
  );
}

function isBinary(primitive: string): boolean {
  return (binaryOps as readonly string[]).includes(primitive);
}

function matchInputs({ name, inputs }: Program, args: readonly unknown[]): Tensor[] {
  const given = new Map(namedLeaves(args));
  for (const key of given.keys()) {
    if (inputs.some((input) => input.name === key)) continue;
    const known = inputs.map((input) => input.name).join(', ');
    throw new ArgumentError(
      `${name}: was given a tensor at "${key}", but was traced without one; its inputs are ${known}.`,
    );
  }
  return inputs.map((input) => {
    const tensor = given.get(input.name);
    if (tensor === undefined) throw new ArgumentError(`${name}: no tensor was given at "${input.name}".`);
    if (!sameShape(tensor.shape, input.shape)) {
      throw new ShapeError(
        `${name}: ${input.name} is ${formatShape(tensor.shape)}, but was ${formatShape(input.shape)} when the function was traced; ` +
          'trace it again for other shapes.',
      );
    }
    if (tensor.dtype !== input.dtype) {
      throw new DTypeError(
        `${name}: ${input.name} is ${tensor.dtype}, but was ${input.dtype} when the function was traced.`,
      );
    }
    return tensor;
  });
}
