import type { JsHandle } from '@tempograd/backend-js';
import {
  binaryOps,
  type Argument,
  type BinaryOp,
  type Equation,
  type ProgramData,
  type UnaryOp,
} from '@tempograd/core/backend';
import type { JsBackend, JsOperand } from '../mutants/Mutant.js';
import type { Handles } from './Handles.js';

/** The results of a program as data, by a backend's required ops alone. */
export function runData(handles: Handles, data: ProgramData, inputs: readonly JsOperand[]): JsOperand[] {
  const variables = [...inputs];
  const operand = (x: Argument): JsOperand =>
    'literal' in x ? handles.fill([], x.literal, x.dtype) : variables[x.variable]!;
  for (const equation of data.equations) {
    const [first] = equation.inputs as [Argument];
    if (equation.primitive === 'broadcast' && 'literal' in first) {
      variables.push(handles.fill(equation.shape, first.literal, equation.dtype));
    } else {
      variables.push(handles.hold(apply(handles.real, equation, equation.inputs.map(operand)), equation));
    }
  }
  return data.outputs.map(operand);
}

function apply(real: JsBackend, equation: Equation, x: readonly JsOperand[]): JsHandle {
  const [a, b, c] = x as [JsOperand, JsOperand, JsOperand];
  switch (equation.primitive) {
    case 'compare':
      return real.compare(equation.attributes.op, a, b);
    case 'select':
      return real.select(a, b, c);
    case 'matmul':
      return real.matmul(a, b, equation.attributes.transposeA, equation.attributes.transposeB);
    case 'sum':
      return real.sum(a, equation.attributes.axes);
    case 'max':
      return real.max(a, equation.attributes.axes);
    case 'reshape':
      return real.reshape(a, equation.attributes.shape);
    case 'transpose':
      return real.transpose(a, equation.attributes.permutation);
    case 'broadcast':
      return real.broadcast(a, equation.attributes.shape);
    case 'slice':
      return real.slice(a, equation.attributes.begin, equation.attributes.size);
    case 'concat':
      return real.concat(x, equation.attributes.axis);
    case 'flip':
      return real.flip(a, equation.attributes.axes);
    case 'gather':
      return real.gather(a, b);
    case 'scatterAdd':
      return real.scatterAdd(a, b, equation.attributes.rows);
    case 'cast':
      return real.cast(a, equation.attributes.dtype);
    default:
      return isBinary(equation.primitive) ? real.binary(equation.primitive, a, b) : real.unary(equation.primitive, a);
  }
}

function isBinary(primitive: BinaryOp | UnaryOp): primitive is BinaryOp {
  return (binaryOps as readonly string[]).includes(primitive);
}
