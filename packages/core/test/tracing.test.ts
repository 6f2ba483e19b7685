import { createBackend } from '@tempograd/backend-js';
import { beforeEach, expect, test } from 'vitest';
import type { Backend } from '../src/backend/index.js';
import * as tg from '../src/index.js';

const backend = createBackend();
beforeEach(() => tg.useBackend(backend));

/** A backend that computes nothing: whatever is called but the book-keeping throws. */
function idleBackend(): Backend {
  const refuse = (name: string) => (): never => {
    throw new Error(`the backend was asked to ${name}`);
  };
  return Object.fromEntries(
    Object.entries(createBackend()).map(([name, member]) => [
      name,
      typeof member === 'function' && name !== 'memory' ? refuse(name) : member,
    ]),
  ) as unknown as Backend;
}

const vector = (values: number[]): tg.Tensor => tg.tensor(values, { dtype: 'f64' });

test('a program is printed with its inputs, literals, constants, attributes and types', () => {
  const weight = tg.ones([2, 3]);
  const leaky = ({ x, mask }: { x: tg.Tensor; mask: tg.Tensor }) => {
    const y = tg.matmul(x, weight, { transposeB: true });
    const offsets = tg.tensor([0.5, -2]);
    return { y: tg.select(mask, tg.add(y, offsets), 0), total: tg.sum(y, { axes: 1, keepAxes: true }), none: null };
  };
  const program = tg.trace(leaky, { x: tg.ones([4, 3]), mask: tg.ones([4, 2], { dtype: 'i32' }) });
  expect(String(program)).toBe(
    [
      'program leaky(x: f32[4, 3], mask: i32[4, 2])',
      '  c0: f32[2, 3] closed over',
      '  c1: f32[2] = 0.5 -2',
      '  %0 = matmul(x, c0; transposeB) : f32[4, 2]',
      '  %1 = add(%0, c1) : f32[4, 2]',
      '  %2 = select(mask, %1, 0) : f32[4, 2]',
      '  %3 = sum(%0; axes [1]) : f32[4]',
      '  %4 = reshape(%3) : f32[4, 1]',
      '  return { y: %2, total: %4, none: null }',
      '',
    ].join('\n'),
  );
  program.dispose();
});

test('several arguments are numbered, and literals of another dtype than the rest say so', () => {
  const program = tg.trace(
    (a: tg.Tensor, [b]: [tg.Tensor]) => [tg.cast(tg.less(a, b), 'f32'), tg.equal(-0, tg.scalar(NaN))],
    tg.ones([2]),
    [tg.ones([2])] as [tg.Tensor],
  );
  expect(String(program)).toBe(
    [
      'program anonymous(arg0: f32[2], arg1.0: f32[2])',
      '  %0 = compare(arg0, arg1.0; op less) : i32[2]',
      '  %1 = cast(%0) : f32[2]',
      '  %2 = compare(-0:f32, NaN:f32; op equal) : i32[]',
      '  return [%1, %2]',
      '',
    ].join('\n'),
  );
});

test('nothing is computed while a function is traced, whatever it makes', () => {
  const idle = idleBackend();
  const x = tg.trace((y: tg.Tensor) => y, tg.ones([3, 4])).result;
  const program = tg.withBackend(idle, () =>
    tg.trace(() => {
      const w = tg.full([3, 4], 0.5);
      const drawn = tg.uniform(tg.key(1), [3, 4]);
      const targets = tg.tensor([0, 1, 2], { dtype: 'i32' });
      const loss = (p: tg.Tensor): tg.Tensor => tg.sum(tg.softmaxCrossEntropy(tg.mul(p, drawn), targets));
      tg.add(tg.add(1, 2), w);
      return { gradient: tg.grad(loss)(w), norm: tg.globalNorm([w]), drawn };
    }),
  );
  expect(x.shape).toEqual([3, 4]);
  expect(program.inputs).toEqual([]);
  expect(program.constants.slice(0, 2).map(({ shape }) => shape)).toEqual([[3, 4], [3]]);
});

test('equations that are dead, repeated or only rename are left out, and others are not', () => {
  const program = tg.trace(
    (x: tg.Tensor) => {
      tg.exp(x);
      const a = tg.mul(tg.add(x, 1), tg.add(x, 1));
      const b = tg.reshape(tg.reshape(a, [3, 2]), [6]);
      const zeros = [tg.add(b, 0), tg.add(b, -0), tg.add(b, NaN), tg.add(b, NaN)];
      return [...zeros, tg.sum(b, { axes: 0 }), tg.max(b, { axes: 0 }), tg.broadcastTo(tg.reshape(x, [6]), [6])];
    },
    vector([1, 2, 3, 4, 5, 6]),
  );
  expect(String(program)).toBe(
    [
      'program anonymous(arg0: f64[6])',
      '  %0 = add(arg0, 1) : f64[6]',
      '  %1 = mul(%0, %0) : f64[6]',
      '  %2 = add(%1, 0) : f64[6]',
      '  %3 = add(%1, -0) : f64[6]',
      '  %4 = add(%1, NaN) : f64[6]',
      '  %5 = sum(%1; axes [0]) : f64[]',
      '  %6 = max(%1; axes [0]) : f64[]',
      '  return [%2, %3, %4, %4, %5, %6, arg0]',
      '',
    ].join('\n'),
  );
});

test.each<[string, (x: tg.Tensor, closed: tg.Tensor) => unknown]>([
  ['readSync of an argument', (x) => tg.scalar(x.readSync()[0]!)],
  ['read of an argument', (x) => void x.read()],
  ['readSync of a computed value', (x) => void tg.add(x, 1).readSync()],
  ['readSync of a tensor closed over', (_, closed) => void closed.readSync()],
  ['read of a tensor closed over', (_, closed) => void closed.read()],
  ['readSync under a gradient', (x) => tg.grad((y: tg.Tensor) => (y.readSync(), tg.sum(y)))(x)],
  ['assign', (x, closed) => tg.assign(closed, x)],
  ['keep', (x) => tg.keep(tg.add(x, 1))],
  ['shareTree', (x) => tg.shareTree(x)],
  ['operandOf', (x) => tg.operandOf(x)],
  [
    'an optimiser step',
    (x, closed) =>
      tg.sgdStep(
        closed,
        x,
        { velocity: null },
        { learningRate: 1, step: 1 },
        { momentum: 0, nesterov: false, weightDecay: 0 },
      ),
  ],
  ['an async function', (x) => Promise.resolve(x)],
])('%s is refused, and nothing stays behind', (_, fn) => {
  const before = backend.memory().buffers;
  const [x, closed] = [vector([1, 2]), vector([3, 4])];
  expect(() => tg.trace((y: tg.Tensor) => fn(tg.add(tg.mul(y, closed), 1), closed), x)).toThrow(tg.TraceError);
  expect(closed.readSync()).toEqual(Float64Array.of(3, 4));
  tg.disposeTree([x, closed]);
  expect(backend.memory().buffers).toBe(before);
});

test('the message of a read says what a traced function may not do', () => {
  expect(() => tg.trace((x: tg.Tensor) => (x.readSync()[0]! > 0 ? x : tg.neg(x)), vector([1]))).toThrow(
    /was read, inside a function that is being traced\. A traced function may not look at values.*select\(\)/,
  );
});

test('a tensor of a traced function is of no use outside of it', () => {
  let leaked: tg.Tensor | null = null;
  tg.trace((x: tg.Tensor) => (leaked = tg.add(x, 1)), vector([1]));
  expect(() => tg.add(leaked!, 1)).toThrow(tg.TraceError);
  expect(() => leaked!.readSync()).toThrow(/has ended\. Return what you need/);
  expect(() => tg.trace((x: tg.Tensor) => tg.add(x, leaked!), vector([1]))).toThrow(tg.TraceError);
  tg.trace(
    (x: tg.Tensor) => {
      tg.grad((y: tg.Tensor) => tg.sum((leaked = tg.mul(y, 2))))(x);
      expect(() => tg.trace(() => leaked!)).toThrow(/differentiation that has ended|has ended/);
      return x;
    },
    vector([1]),
  );
});

test('constants live as long as the program', () => {
  const before = backend.memory().buffers;
  const closed = vector([1, 2]);
  const x = vector([10, 20]);
  const program = tg.trace((y: tg.Tensor) => {
    tg.mul(y, vector([5, 6]));
    return [tg.add(y, closed), tg.sub(y, closed), tg.reshape(closed, [2])];
  }, x);
  closed.dispose();
  expect(program.constants).toHaveLength(1);
  const outputs = tg.interpret(program, x);
  expect(outputs.map((y) => [...y.readSync()])).toEqual([
    [11, 22],
    [9, 18],
    [1, 2],
  ]);
  tg.disposeTree(outputs);
  program.dispose();
  expect(() => tg.interpret(program, x)).toThrow(tg.LifetimeError);
  x.dispose();
  expect(backend.memory().buffers).toBe(before);
});

test('what is no function, no program or no tree of tensors is refused', () => {
  expect(() => tg.trace(3 as never)).toThrow(tg.ArgumentError);
  expect(() => tg.trace((x: unknown) => x, 3)).toThrow(/holds a number/);
  expect(() => tg.trace((x: tg.Tensor) => [x, 3], vector([1]))).toThrow(/holds a number/);
  expect(() => tg.interpret({} as never)).toThrow(tg.ArgumentError);
});

test('a program takes arguments like those it was traced with', () => {
  type Params = { w: tg.Tensor; b?: tg.Tensor | null };
  const example: Params = { w: vector([1, 2]), b: null };
  const program = tg.trace((p: Params) => tg.neg(p.w), example);
  expect(() => tg.interpret(program, { w: vector([1, 2, 3]) })).toThrow(tg.ShapeError);
  expect(() => tg.interpret(program, { w: tg.ones([2]) })).toThrow(tg.DTypeError);
  expect(() => tg.interpret(program, { w: vector([1, 2]), b: vector([1]) })).toThrow(/tensor at "b"/);
  expect(() => tg.interpret(program, {} as Params)).toThrow(/no tensor was given at "w"/);
});
