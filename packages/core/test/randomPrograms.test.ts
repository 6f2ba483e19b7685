import { createBackend } from '@tempograd/backend-js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as tg from '../src/index.js';

const backend = createBackend();
tg.useBackend(backend);

/** One random op on values made before, all of them `[2, 3]`. */
type Make = (values: readonly tg.Tensor[]) => tg.Tensor;

const pick = fc.nat();
const at = (values: readonly tg.Tensor[], index: number): tg.Tensor => values[index % values.length]!;

const unary = fc
  .constantFrom(tg.neg, tg.tanh, tg.sigmoid, tg.relu, tg.sin, tg.stopGradient<tg.Tensor>, (x: tg.Tensor) =>
    tg.flip(x, 1),
  )
  .chain((op) =>
    pick.map(
      (i): Make =>
        (values) =>
          op(at(values, i)),
    ),
  );
const binary = fc.constantFrom(tg.add, tg.sub, tg.mul, tg.maximum).chain((op) =>
  fc.tuple(pick, pick).map(
    ([i, j]): Make =>
      (values) =>
        op(at(values, i), at(values, j)),
  ),
);
const withNumber = fc.tuple(pick, fc.constantFrom(0, -0, 1, 0.1, -2)).map(
  ([i, number]): Make =>
    (values) =>
      tg.mul(tg.add(at(values, i), number), number),
);
const summed = pick.map(
  (i): Make =>
    (values) =>
      tg.broadcastTo(tg.sum(at(values, i), { axes: 1, keepAxes: true }), [2, 3]),
);
const product = fc.tuple(pick, pick, pick).map(
  ([i, j, k]): Make =>
    (values) =>
      tg.matmul(
        tg.matmul(at(values, i), at(values, j), { transposeB: true }),
        tg.reshape(tg.reshape(at(values, k), [6]), [2, 3]),
      ),
);
const chosen = fc.tuple(pick, pick).map(
  ([i, j]): Make =>
    (values) =>
      tg.select(tg.less(at(values, i), at(values, j)), at(values, i), 0.5),
);
const made = fc.integer({ min: 0, max: 3 }).map(
  (seed): Make =>
    () =>
      tg.uniform(tg.key(seed), [2, 3], { dtype: 'f64' }),
);
const inner = fc.tuple(pick, pick).map(
  ([i, j]): Make =>
    (values) =>
      tg.grad((x: tg.Tensor) => tg.sum(tg.mul(tg.tanh(x), at(values, j))))(at(values, i)),
);

const programs = fc.array(fc.oneof(unary, binary, withNumber, summed, product, chosen, made, inner), {
  minLength: 1,
  maxLength: 12,
});

test('random functions and their gradients are interpreted as they run, bit for bit', () => {
  const before = backend.memory().buffers;
  fc.assert(
    fc.property(programs, (ops) => {
      tg.scope(() => {
        const options = { dtype: 'f64' as const };
        const [x, y, closed] = [1, 2, 3].map((seed) => tg.normal(tg.key(seed), [2, 3], options)) as [
          tg.Tensor,
          tg.Tensor,
          tg.Tensor,
        ];
        const fn = (a: tg.Tensor, b: tg.Tensor): tg.Tensor[] => {
          const values = [a, b, closed];
          for (const op of ops) values.push(op(values));
          return values.slice(-2);
        };
        const loss = (a: tg.Tensor, b: tg.Tensor): tg.Tensor => tg.sum(tg.concat(fn(a, b)));
        const gradient: (a: tg.Tensor, b: tg.Tensor) => unknown = tg.grad(loss);
        for (const each of [fn as typeof gradient, gradient]) {
          using program = tg.trace(each, x, y);
          const [direct, interpreted] = [each(x, y), tg.interpret(program, x, y)];
          expect(bits(interpreted)).toEqual(bits(direct));
        }
        using program = tg.trace(fn, x, y);
        const throughProgram = tg.grad((a: tg.Tensor) => tg.sum(tg.concat(tg.interpret(program, a, y))));
        const [direct, interpreted] = [bits(tg.grad(loss)(x, y))[0]!, bits(throughProgram(x))[0]!];
        interpreted.forEach((value, i) => expect(value).toBeCloseTo(direct[i]!, 9));
      });
    }),
    { numRuns: 200, seed: 1 },
  );
  expect(backend.memory().buffers).toBe(before);
});

function bits(tree: unknown): number[][] {
  return tg.treeLeaves(tree).map((leaf) => [...leaf.readSync()]);
}
