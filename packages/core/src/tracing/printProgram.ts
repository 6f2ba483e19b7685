import type { Argument, DType, ProgramData, TensorType, TypedArray } from '../backend/index.js';
import { Tensor } from '../tensor/Tensor.js';
import type { Program, ProgramConstant, TracedEquation } from './Program.js';

/** Longest header on one line. */
const width = 100;

/** Most values of a constant that are shown. */
const shown = 8;

/** A program as people read it: one line an equation, with its arguments, attributes and type. */
export function printProgram({ name, inputs, constants, data, result }: Program): string {
  const names = namesOf(
    inputs.map((input) => input.name),
    constants.length,
    data.equations.length,
  );
  const header = inputs.map((input) => `${input.name}: ${typeOf(input)}`);
  const oneLine = `program ${name}(${header.join(', ')})`;
  const lines =
    oneLine.length <= width ? [oneLine] : [`program ${name}(`, ...header.map((each) => `    ${each},`), ')'];
  constants.forEach((constant, index) => lines.push(`  c${index}: ${typeOf(constant)} ${valueOf(constant)}`));
  data.equations.forEach((equation, index) => {
    lines.push(`  %${index} = ${printEquation(equation, data, names)} : ${typeOf(equation)}`);
  });
  const leaves = data.outputs.map((output) => printArgument(output, names));
  lines.push(`  return ${printTree(result, leaves)}`);
  return `${lines.join('\n')}\n`;
}

function namesOf(inputs: readonly string[], constants: number, equations: number): string[] {
  const numbered = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  return [...inputs, ...numbered('c', constants), ...numbered('%', equations)];
}

function printEquation(equation: TracedEquation, data: ProgramData<TracedEquation>, names: readonly string[]): string {
  const typed = new Set<DType>([equation.dtype]);
  for (const x of equation.inputs) if ('variable' in x) typed.add(dtypeOf(x.variable, data));
  const inputs = equation.inputs.map((x) =>
    'literal' in x && !typed.has(x.dtype) ? `${printArgument(x, names)}:${x.dtype}` : printArgument(x, names),
  );
  const attributes = printAttributes(equation);
  return `${equation.primitive}(${inputs.join(', ')}${attributes === '' ? '' : `; ${attributes}`})`;
}

function dtypeOf(variable: number, { inputs, equations }: ProgramData<TracedEquation>): DType {
  return ((inputs[variable] ?? equations[variable - inputs.length]) as TensorType).dtype;
}

/** Flags that are set by name, other attributes with their values; what the result's type says already is left out. */
function printAttributes({ attributes }: TracedEquation): string {
  return Object.entries<unknown>(attributes ?? {})
    .filter(([key, value]) => value !== false && key !== 'shape' && key !== 'dtype')
    .map(([key, value]) =>
      value === true ? key : `${key} ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`,
    )
    .join(', ');
}

function printArgument(x: Argument, names: readonly string[]): string {
  return 'literal' in x ? printNumber(x.literal) : (names[x.variable] as string);
}

function printNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function typeOf({ shape, dtype }: TensorType): string {
  return `${dtype}[${shape.join(', ')}]`;
}

function valueOf({ value }: ProgramConstant): string {
  if (value instanceof Tensor) return 'closed over';
  const values: TypedArray = value.subarray(0, shown);
  const rest = value.length - values.length;
  return `= ${[...Array.from(values, printNumber), ...(rest > 0 ? [`… ${rest} more`] : [])].join(' ')}`;
}

/** A tree with its tensors named; takes the names from the front of `leaves`. */
function printTree(tree: unknown, leaves: string[]): string {
  if (tree instanceof Tensor) return leaves.shift() as string;
  if (tree === null || tree === undefined) return String(tree);
  if (Array.isArray(tree)) return `[${tree.map((child) => printTree(child, leaves)).join(', ')}]`;
  const children = Object.entries(tree).map(([key, child]) => `${key}: ${printTree(child, leaves)}`);
  return children.length === 0 ? '{}' : `{ ${children.join(', ')} }`;
}
