import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import { add, ArgumentError, DTypeError, ones, scan, zeros, type Cell, type Tensor } from '../src/index.js';
import { leavesNothingOn } from './fixtures/leavesNothing.js';

const backend = createBackend();

leavesNothingOn(backend);

type Tree = Record<string, unknown>;

/** Runs a cell whose carry and output are what `make(step)` gives, with and without a mask. */
function run(carry: () => unknown, make: (step: number, carry: Tree, x: Tensor) => Tree, masked: boolean): unknown {
  let step = 0;
  const cell: Cell<null, Tree, Tensor, Tree> = {
    initialCarry: () => ({}),
    step: (_, before, x) => make(step++, before, x) as { carry: Tree; output: Tree },
  };
  const [start, x] = [carry() as Tree, ones([3, 2])];
  const mask = masked ? ones([3, 2], { dtype: 'i32' }) : null;
  try {
    return scan(cell, null, start, x, { mask });
  } finally {
    for (const leaf of [...Object.values(start), x, mask]) (leaf as Tensor | null)?.dispose();
  }
}

const start = (): unknown => ({ h: zeros([2]), c: zeros([2]) });

test.each<[string, (step: number, carry: Tree, x: Tensor) => Tree, string]>([
  [
    'a carry that loses a key',
    (_, { h }, x) => ({ carry: { h: add(h as Tensor, x) }, output: { h: x } }),
    'at the top: the one before has { h, c }, the one after { h }',
  ],
  [
    'a carry that gains a key',
    (_, carry, x) => ({ carry: { ...carry, more: add(x, 1) }, output: { h: x } }),
    'the one after { h, c, more }',
  ],
  [
    'a carry with a tree for a tensor',
    (_, { h, c }) => ({ carry: { h: [h], c }, output: { h } }),
    'at "h": the one before has a tensor, the one after a list of 1',
  ],
  [
    'an output that loses a key at the third step',
    (step, carry, x) => ({ carry, output: step === 2 ? { p: add(x, 1) } : { p: add(x, 1), q: add(x, 2) } }),
    'at the top: one has { p, q }, another { p }',
  ],
])('%s is refused with the path, masked or not, and nothing is left', (_, make, message) => {
  for (const masked of [false, true]) {
    expect(() => run(start, make, masked)).toThrow(ArgumentError);
    expect(() => run(start, make, masked)).toThrow(message);
  }
});

test('an error in the middle of a segment leaves no buffer behind, outside of any scope', () => {
  expect(() =>
    run(
      start,
      (step, { h, c }, x) => {
        if (step === 2) throw new Error('no');
        return { carry: { h: add(h as Tensor, x), c }, output: { x: add(x, 1) } };
      },
      false,
    ),
  ).toThrow('no');
});

test('a mask of floats is refused', () => {
  const cell: Cell<null, Tensor> = {
    initialCarry: (batch) => zeros([batch]),
    step: (_, carry, x) => ({ carry: add(carry, x), output: x }),
  };
  const [carry, x] = [zeros([2]), ones([3, 2])];
  expect(() => scan(cell, null, carry, x, { mask: x })).toThrow(DTypeError);
  carry.dispose();
  x.dispose();
});
