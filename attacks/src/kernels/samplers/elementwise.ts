import type { Block, KernelCase, Sampler } from '../KernelCase.js';
import type { Sample } from '../Sample.js';
import { eachElement, layoutWords, sampleShape, sampleView, start } from './views.js';

const round = Math.fround;

const zeroOrOne = (sample: Sample) => (): number => (sample.chance(0.4) ? 0 : 1);

type Binary = (a: number, b: number) => number;

function binary(type: 'F32' | 'I32', of: Binary, within: (value: number) => number = () => 0, boolean = false) {
  return (task: string): Sampler =>
    (sample): KernelCase => {
      const shape = sampleShape(sample);
      const make = (length: number): Block['data'] =>
        type === 'F32' ? sample.anyFloats(length) : sample.anyIntegers(length);
      const views = ['a', 'b'].map((name) => sampleView(sample, name, shape, make, zeroOrOne(sample)));
      const values: number[] = [];
      eachElement(shape, views, ([a, b]) => values.push(of(a!, b!)));
      const out =
        type === 'I32' || boolean
          ? sample.integerOutput('out', values)
          : sample.output('out', values, (at) => within(values[at]!));
      const words = [start(views[0]!), start(views[1]!), out, ...layoutWords(shape, views)];
      return {
        title: `${task} of [${shape.join(', ')}]`,
        blocks: [...views.map(({ block }) => block), out],
        steps: [{ task, words }],
      };
    };
}

/** `many` times the distance between floats at a value. */
const ulps = (many: number) => (value: number) => many * Math.max(Math.abs(value) * 2 ** -23, 2 ** -149);
const flag = (value: boolean): number => (value ? 1 : 0);

const binaries: Record<string, (task: string) => Sampler> = {
  addF32: binary('F32', (a, b) => round(a + b)),
  subF32: binary('F32', (a, b) => round(a - b)),
  mulF32: binary('F32', (a, b) => round(a * b)),
  divF32: binary('F32', (a, b) => round(a / b)),
  maximumF32: binary('F32', Math.max),
  minimumF32: binary('F32', Math.min),
  powF32: binary('F32', (a, b) => round(a ** b), ulps(2)),
  equalF32: binary('F32', (a, b) => flag(a === b), undefined, true),
  lessF32: binary('F32', (a, b) => flag(a < b), undefined, true),
  lessEqualF32: binary('F32', (a, b) => flag(a <= b), undefined, true),
  addI32: binary('I32', (a, b) => (a + b) | 0),
  subI32: binary('I32', (a, b) => (a - b) | 0),
  mulI32: binary('I32', Math.imul),
  maximumI32: binary('I32', Math.max),
  minimumI32: binary('I32', Math.min),
  equalI32: binary('I32', (a, b) => flag(a === b)),
  lessI32: binary('I32', (a, b) => flag(a < b)),
  lessEqualI32: binary('I32', (a, b) => flag(a <= b)),
};

function unary(from: 'F32' | 'I32', to: 'F32' | 'I32', of: (x: number) => number, within?: (value: number) => number) {
  return (task: string): Sampler =>
    (sample): KernelCase => {
      const length = sample.length(3000);
      const x = sample.input('x', from === 'F32' ? sample.anyFloats(length) : sample.anyIntegers(length));
      const values = Array.from(x.data, of);
      const out =
        to === 'I32'
          ? sample.integerOutput('out', values)
          : sample.output('out', values, within && ((at) => within(values[at]!)));
      return { title: `${task} of ${length}`, blocks: [x, out], steps: [{ task, words: [x, out, length] }] };
    };
}

const real = (of: (x: number) => number): ((task: string) => Sampler) => unary('F32', 'F32', of);
const smooth = (of: (x: number) => number): ((task: string) => Sampler) =>
  unary('F32', 'F32', (x) => round(of(x)), ulps(3));
const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const toI32 = (x: number): number =>
  Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, -(2 ** 31)), 2 ** 31 - 1)) | 0;

const unaries: Record<string, (task: string) => Sampler> = {
  negF32: real((x) => -x),
  absF32: real(Math.abs),
  signF32: real(Math.sign),
  floorF32: real(Math.floor),
  expF32: smooth(Math.exp),
  logF32: smooth(Math.log),
  log1pF32: smooth(Math.log1p),
  sqrtF32: real((x) => round(Math.sqrt(x))),
  sinF32: smooth(Math.sin),
  cosF32: smooth(Math.cos),
  tanhF32: smooth(Math.tanh),
  sigmoidF32: smooth(sigmoid),
  reluF32: real((x) => Math.max(x, 0)),
  negI32: unary('I32', 'I32', (x) => -x | 0),
  absI32: unary('I32', 'I32', (x) => Math.abs(x) | 0),
  signI32: unary('I32', 'I32', Math.sign),
  reluI32: unary('I32', 'I32', (x) => Math.max(x, 0)),
  castToI32: unary('F32', 'I32', toI32),
  castToF32: unary('I32', 'F32', round),
};

function fill(sample: Sample): KernelCase {
  const length = sample.length(3000);
  const [value] = sample.anyIntegers(1);
  const out = sample.integerOutput('out', new Int32Array(length).fill(value!));
  return { title: `fill of ${length}`, blocks: [out], steps: [{ task: 'fill', words: [out, length, value!] }] };
}

function select(sample: Sample): KernelCase {
  const shape = sampleShape(sample);
  const conditions = (length: number): Int32Array =>
    Int32Array.from({ length }, () => sample.random.pick([0, 0, 1, -1, 256]));
  const make = (length: number): Int32Array => sample.anyIntegers(length);
  const views = ['condition', 'a', 'b'].map((name, i) =>
    sampleView(sample, name, shape, i === 0 ? conditions : make, zeroOrOne(sample)),
  );
  const values: number[] = [];
  eachElement(shape, views, ([c, a, b]) => values.push(c === 0 ? b! : a!));
  const out = sample.integerOutput('out', values);
  return {
    title: `select of [${shape.join(', ')}]`,
    blocks: [...views.map(({ block }) => block), out],
    steps: [{ task: 'select', words: [...views.map(start), out, ...layoutWords(shape, views)] }],
  };
}

const named = (of: Record<string, (task: string) => Sampler>): [string, Sampler][] =>
  Object.entries(of).map(([task, make]) => [task, make(task)]);

export const elementwise: Readonly<Record<string, Sampler>> = {
  ...Object.fromEntries([...named(binaries), ...named(unaries)]),
  fill,
  select,
};
