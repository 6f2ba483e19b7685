import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import * as tg from '../src/index.js';

/** The first step of a run without random numbers. */
const first = { key: null, time: 0 };

tg.useBackend(createBackend());

const gates = { rnnTanh: 1, rnnRelu: 1, gru: 3, lstm: 4 };
const cells = {
  rnnTanh: tg.rnnCell({ hiddenSize: 3 }),
  rnnRelu: tg.rnnCell({ hiddenSize: 3, activation: 'relu' }),
  gru: tg.gruCell({ hiddenSize: 3 }),
  lstm: tg.lstmCell({ hiddenSize: 3 }),
};

function paramsOf(rows: number): tg.RecurrentParams {
  return {
    weight_ih: tg.zeros([3 * rows, 2]),
    weight_hh: tg.zeros([3 * rows, 3]),
    bias_ih: tg.zeros([3 * rows]),
    bias_hh: tg.zeros([3 * rows]),
  };
}

/** A cell whatever its carry. */
type AnyCell = tg.Cell<tg.RecurrentParams, unknown>;

test.each(Object.entries<AnyCell>(cells))('the step of %s is the program in its file', async (name, cell) => {
  const params = paramsOf(gates[name as keyof typeof gates]);
  const carry = cell.initialCarry(2);
  const program = tg.traceStep(cell, { params, carry, input: tg.zeros([2, 2]) });
  await expect(String(program)).toMatchFileSnapshot(`fixtures/steps/${name}.txt`);
});

test.each(Object.entries<AnyCell>(cells))(
  'the gradient of a step of %s is the program in its file',
  async (name, cell) => {
    const example = {
      params: paramsOf(gates[name as keyof typeof gates]),
      carry: cell.initialCarry(2),
      input: tg.zeros([2, 2]),
    };
    const backward = (x: typeof example, cotangent: ReturnType<typeof cell.step>): typeof example => {
      const { pullback } = tg.vjp((y: typeof example) => cell.step(y.params, y.carry, y.input, first), x);
      return pullback(cotangent);
    };
    const program = tg.trace(backward, example, cell.step(example.params, example.carry, example.input, first));
    await expect(String(program)).toMatchFileSnapshot(`fixtures/steps/${name}.backward.txt`);
  },
);

test('a step closed over a number and a tensor, with carry and input that are trees', () => {
  const scale = tg.ones([1, 3]);
  const cell: tg.Cell<{ w: tg.Tensor }, { h: tg.Tensor; seen: [tg.Tensor] }, { x: tg.Tensor }, { y: tg.Tensor }> = {
    initialCarry: (batch) => ({ h: tg.zeros([batch, 3]), seen: [tg.zeros([batch, 1])] }),
    step: ({ w }, { h, seen }, { x }) => {
      const next = tg.add(tg.mul(h, 0.9), tg.mul(tg.matmul(x, w), scale));
      return { carry: { h: next, seen: [tg.add(seen[0], 1)] }, output: { y: tg.tanh(next) } };
    },
  };
  const program = tg.traceStep(cell, {
    params: { w: tg.zeros([2, 3]) },
    carry: cell.initialCarry(4),
    input: { x: tg.zeros([4, 2]) },
  });
  expect(String(program)).toBe(
    [
      'program step(params.w: f32[2, 3], carry.h: f32[4, 3], carry.seen.0: f32[4, 1], input.x: f32[4, 2])',
      '  c0: f32[1, 3] closed over',
      `  %0 = mul(carry.h, ${Math.fround(0.9)}) : f32[4, 3]`,
      '  %1 = matmul(input.x, params.w) : f32[4, 3]',
      '  %2 = mul(%1, c0) : f32[4, 3]',
      '  %3 = add(%0, %2) : f32[4, 3]',
      '  %4 = add(carry.seen.0, 1) : f32[4, 1]',
      '  %5 = tanh(%3) : f32[4, 3]',
      '  return { carry: { h: %3, seen: [%4] }, output: { y: %5 } }',
      '',
    ].join('\n'),
  );
  program.dispose();
});
