import { concat, grad, reshape, sliceAxis, treeLeaves, treeMap, truncationMask, type Tensor } from '@tempograd/core';
import { build, floats } from '../host/HostArray.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';
import { coreKit } from '../run/Kit.js';
import { creditOf } from '../subject/creditOracle.js';
import {
  makeTask,
  sampleTask,
  writeParams,
  writeStretch,
  type TaskParams,
  type TaskShape,
} from '../subject/sequenceTask.js';

const shape: TaskShape = { cell: 'gru', time: 4, batch: 2 };

/** A mask as people draw it: one row a loss, one column a step. */
const drawn: readonly (readonly [options: Parameters<typeof truncationMask>[0], rows: readonly string[]])[] = [
  [{ time: 5, updateEvery: 2, backwardSteps: 2 }, ['1....', '11...', '..1..', '..11.', '....1']],
  [{ time: 5, updateEvery: 1, backwardSteps: 3 }, ['1....', '11...', '111..', '.111.', '..111']],
  [{ time: 5, updateEvery: 2, backwardSteps: 3 }, ['1....', '11...', '.11..', '.111.', '...11']],
  [{ time: 5, updateEvery: 3, backwardSteps: 1 }, ['.....', '.....', '..1..', '.....', '....1']],
  [{ time: 5, updateEvery: 3, backwardSteps: 2 }, ['.....', '.1...', '.11..', '...1.', '...11']],
  [{ time: 5, updateEvery: 2, backwardSteps: 2, lossScope: 'last' }, ['.....', '11...', '.....', '..11.', '....1']],
  [{ time: 3, updateEvery: 5, backwardSteps: 5 }, ['1..', '11.', '111']],
];

/** The credit matrix, from a derivation that shares nothing with it, and the masks by eye. */
export const creditCases: readonly ConformanceCase[] = [
  defineCase(
    {
      name: 'creditMatrix: gradient, of parameters untied in time',
      group: 'credit',
      op: 'creditMatrix',
      kind: 'gradient',
      requires: { capability: 'syncRead' },
    },
    async (check) => {
      const numbers = sampleTask(check.sample, shape);
      const credit = creditOf(check.device, coreKit, shape, numbers);
      const task = makeTask(coreKit, shape, 'f64');
      for (let s = 0; s < shape.time; s++) {
        // One copy of the parameters for each step: the gradient of loss s with respect to copy t is G[s][t].
        const copies = await check.oracle.run(() => {
          const params = writeParams(check.oracle, numbers);
          const stretch = writeStretch(check.oracle, numbers);
          const at = (t: number): typeof stretch => treeMap(stretch, (x) => sliceAxis(x, t, t + 1));
          const loss = (each: readonly TaskParams[]): Tensor => {
            let carry = task.initialCarry(params, at(0));
            for (let t = 0; t <= s; t++) {
              const next = task.forward(each[t] as TaskParams, carry, at(t), { from: t, key: null });
              carry = next.carry;
              if (t === s) return task.loss(params, next.output, at(t), { from: t, key: null });
            }
            throw new RangeError('unreachable');
          };
          const gradients = grad(loss)(Array.from({ length: s + 1 }, () => params));
          return gradients.map((each) => concat(treeLeaves(each).map((x) => reshape(x, [-1]))));
        });
        copies.forEach((expected, t) => {
          const actual = floats(expected.shape, credit.credit[s]?.[t] ?? []);
          check.compare(actual, expected, { measure: 'gradient', opClass: 'strategy', what: `G[${s}][${t}]` });
        });
      }
      const norms = credit.norms();
      check.require(
        norms.every((r, s) => r.every((norm, t) => (t > s ? norm === 0 : norm > 0))),
        'norms() is not lower triangular',
      );
    },
  ),
  ...drawn.map(([options, rows]) => {
    const { time, updateEvery, backwardSteps, lossScope = 'interval' } = options;
    return defineCase(
      {
        name: `truncationMask: value, ${time} steps, updateEvery ${updateEvery}, backwardSteps ${backwardSteps}, ${typeof lossScope === 'string' ? lossScope : 'weighted'}`,
        group: 'credit',
        op: 'truncationMask',
        kind: 'value',
      },
      (check) => {
        const actual = truncationMask(options);
        const expected = build([time, time], (i) => Number(rows[Math.floor(i / time)]?.[i % time] === '1'));
        check.compare(floats([time, time], actual.flat()), expected, {
          measure: 'value',
          opClass: 'exact',
          what: 'the mask',
        });
      },
    );
  }),
];
