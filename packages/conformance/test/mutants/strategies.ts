import {
  add,
  artbp,
  concat,
  linear,
  mul,
  randomTelescoping,
  scan,
  sigmoid,
  sliceAxis,
  stopGradient,
  sub,
  tanh,
  treeMap,
  truncatedBptt,
  zeros,
  type Cell,
  type CheckpointedBpttOptions,
  type RecurrentParams,
  type Strategy,
  type StrategyRun,
  type Tensor,
  type Update,
} from '@tempograd/core';
import { coreKit, type AnyCell, type Kit } from '@tempograd/conformance';
import {
  chunked,
  detached,
  fullOnTask,
  halfDetached,
  onTask,
  withOptions,
  withRun,
  zeroed,
} from './faultyStrategies.js';
import type { Mutant } from './Mutant.js';

const strategy = (make: Kit['truncatedBptt']): Partial<Kit> => ({ truncatedBptt: make });
const regimes = (cell: string, updateEvery: number): string =>
  `truncatedBptt: gradient, ${cell}, updateEvery ${updateEvery}`;

/** The kit with one cell replaced by what `change` makes of it. */
const withCell = (
  kind: 'rnnTanh' | 'lstm' | 'gru',
  change: (cell: AnyCell, hidden: number) => AnyCell,
): Partial<Kit> => ({
  cells: {
    ...coreKit.cells,
    [kind]: (options: { hiddenSize: number }) => change(coreKit.cells[kind](options), options.hiddenSize),
  },
});

/** Blocks of rows in another order. */
function reorderGates(x: Tensor, hidden: number, order: readonly number[]): Tensor {
  return concat(order.map((gate) => sliceAxis(x, gate * hidden, (gate + 1) * hidden)));
}

/** A cell whose parameters are changed before each step. */
const withParams =
  (change: (params: RecurrentParams, hidden: number) => RecurrentParams) =>
  (cell: AnyCell, hidden: number): AnyCell => ({
    initialCarry: cell.initialCarry.bind(cell),
    step: (params, carry, ...rest) => cell.step(change(params, hidden), carry, ...rest),
  });

/** GRU with the reset gate before the product, as ONNX has it by default. */
const resetBefore = (_: AnyCell, hidden: number): AnyCell => {
  const cell: Cell<RecurrentParams, Tensor> = {
    initialCarry: (batch, options) => zeros([batch, hidden], options),
    step({ weight_ih, weight_hh, bias_ih, bias_hh }, h, x) {
      const gate = (y: Tensor, index: number): Tensor => sliceAxis(y, index * hidden, (index + 1) * hidden, 1);
      const rows = (y: Tensor | null | undefined): Tensor | null => (y ? sliceAxis(y, 2 * hidden, 3 * hidden) : null);
      const [a, u] = [linear(x, weight_ih, bias_ih), linear(h, weight_hh, bias_hh)];
      const [r, z] = [sigmoid(add(gate(a, 0), gate(u, 0))), sigmoid(add(gate(a, 1), gate(u, 1)))];
      const n = tanh(add(gate(a, 2), linear(mul(r, h), rows(weight_hh) as Tensor, rows(bias_hh))));
      const next = add(n, mul(z, sub(h, n)));
      return { carry: next, output: next };
    },
  };
  return cell;
};

/** Updates with their gradients changed; what is made anew is freed when the update is over. */
function changed<P>(
  updates: Generator<Update<P>, void, void>,
  change: (update: Update<P>) => Update<P>,
): Generator<Update<P>, void, void> {
  return (function* (): Generator<Update<P>, void, void> {
    for (const update of updates) yield change(update);
  })();
}

/** A run whose every update is changed. */
const everyUpdate =
  (change: <P>(update: Update<P>) => Update<P>) =>
  <P, C, S>(run: StrategyRun<P, C, S>): Partial<StrategyRun<P, C, S>> => ({
    push: (params, stretch) => changed(run.push(params, stretch), change),
    finish: (params) => changed(run.finish(params), change),
  });

const checkpointed = (make: (options: CheckpointedBpttOptions) => Strategy): Partial<Kit> => ({
  checkpointedBptt: (options?: CheckpointedBpttOptions) => make(options ?? {}),
});
const sameBits = (cell: string): string =>
  `checkpointedBptt: gradient, ${cell}, the bits of full backpropagation over the same segments`;

/** Faults in cells, scan and strategies: in all that stands above a backend. */
export const strategyMutants: readonly Mutant[] = [
  {
    name: 'no cotangent crosses from one segment to the one before',
    kit: checkpointed(({ segment = 1 }) => ({
      ...coreKit.truncatedBptt({ updateEvery: segment }),
      updateEvery: Infinity,
    })),
    caughtBy: [sameBits('rnnTanh'), sameBits('gru'), sameBits('lstm')],
    message: /sum of the credit matrix/,
  },
  {
    name: 'segments of another length when states are few',
    kit: checkpointed(({ segment = 1, ...budget }) =>
      coreKit.checkpointedBptt({ ...budget, segment: budget.slots === Infinity ? segment : segment + 1 }),
    ),
    caughtBy: [sameBits('rnnTanh'), sameBits('gru'), sameBits('lstm')],
    message: /the gradient/,
  },
  {
    name: 'one step more run forward than needed',
    kit: checkpointed((options) =>
      coreKit.checkpointedBptt(
        options.states === 'internal' && options.slots === 2 ? { ...options, slots: 1 } : options,
      ),
    ),
    caughtBy: [sameBits('rnnTanh'), sameBits('lstm')],
    message: /steps were run forward/,
  },
  {
    name: 'a budget in bytes is not kept to',
    kit: checkpointed((options) =>
      coreKit.checkpointedBptt(
        options.bytes === undefined ? options : { slots: Infinity, states: 'internal', segment: 4 },
      ),
    ),
    caughtBy: ['checkpointedBptt: memory, a budget in bytes holds'],
    message: /were allowed/,
  },
  {
    name: 'truncation one step too short',
    kit: strategy(
      withOptions(({ backwardSteps, ...rest }) => ({ ...rest, backwardSteps: Math.max(1, backwardSteps - 1) })),
    ),
    caughtBy: [
      regimes('rnnTanh', 2),
      regimes('lstm', 3),
      'truncatedBptt: gradient, gru, all steps back is fullBptt, fewer is not',
    ],
    message: /mask · credit matrix|against fullBptt/,
  },
  {
    name: 'truncation one step too long',
    kit: strategy(withOptions(({ backwardSteps, ...rest }) => ({ ...rest, backwardSteps: backwardSteps + 1 }))),
    caughtBy: [
      regimes('rnnTanh', 2),
      regimes('lstm', 3),
      'truncatedBptt: gradient, gru, all steps back is fullBptt, fewer is not',
    ],
    message: /mask · credit matrix|nothing was truncated/,
  },
  {
    name: 'h is detached at the boundary, c is not',
    kit: strategy(chunked({ crossing: halfDetached })),
    caughtBy: [regimes('lstm', 1), regimes('lstm', 2), regimes('lstm', 3)],
    message: /mask · credit matrix/,
  },
  {
    name: 'the carry is not detached at all',
    kit: strategy(chunked({ crossing: (carry) => carry })),
    caughtBy: [regimes('rnnTanh', 2), regimes('gru', 2), regimes('lstm', 2)],
    message: /mask · credit matrix/,
  },
  {
    name: "the carry's value is zeroed at the boundary",
    kit: strategy(chunked({ crossing: zeroed })),
    caughtBy: [regimes('rnnTanh', 2), regimes('lstm', 2)],
    message: /mask · credit matrix/,
  },
  {
    name: 'a loss is counted again by the next window',
    kit: strategy(chunked({ crossing: detached, repeats: 1 })),
    caughtBy: [regimes('rnnTanh', 2), regimes('gru', 1)],
    message: /mask · credit matrix/,
  },
  {
    name: 'the mean over each chunk, a short last one too',
    kit: strategy(chunked({ crossing: detached, mean: true })),
    caughtBy: [regimes('rnnTanh', 2)],
    message: /mask · credit matrix/,
  },
  {
    name: 'random cuts never fall',
    kit: { artbp: ({ updateEvery }) => artbp({ updateEvery, cutProbability: 0 }) },
    caughtBy: ['artbp: gradient, gru, a draw of cuts', 'artbp: gradient, lstm, a draw of cuts'],
    message: /mask · credit matrix/,
  },
  {
    name: 'a length that is a single sample counts all lags up to it',
    kit: { randomTelescoping: (options) => randomTelescoping({ ...options, estimator: 'russianRoulette' }) },
    caughtBy: ['randomTelescoping: gradient, lstm, a draw of lengths'],
    message: /singleSample: .*mask · credit matrix/,
  },
  {
    name: 'the weights of losses are left out',
    kit: strategy(withOptions((options) => ({ ...options, lossScope: 'interval' }))),
    caughtBy: ['truncatedBptt: gradient, lstm, weighted losses'],
    message: /mask · credit matrix/,
  },
  {
    name: 'what remains after the last full interval is dropped',
    kit: strategy(withRun(() => ({ *finish() {} }))),
    caughtBy: [regimes('rnnTanh', 2), regimes('lstm', 3), 'truncatedBptt: gradient, gru, pushed in uneven pieces'],
  },
  {
    name: 'a sequence shorter than an interval trains nothing',
    kit: strategy(
      withRun((run) => ({
        *finish(params) {
          if (run.position > 0) yield* run.finish(params);
        },
      })),
    ),
    caughtBy: [regimes('rnnTanh', 6)],
  },
  {
    name: 'only the last loss of an interval counts',
    kit: strategy(withOptions((options) => ({ ...options, lossScope: 'last' }))),
    caughtBy: [regimes('rnnTanh', 2), regimes('gru', 4)],
  },
  {
    name: 'every loss of an interval counts where only the last should',
    kit: strategy(withOptions((options) => ({ ...options, lossScope: 'interval' }))),
    caughtBy: [regimes('rnnTanh', 2), regimes('lstm', 4)],
  },
  {
    name: 'losses before a short window do not train the readout',
    kit: strategy((options) => {
      const { updateEvery, backwardSteps = updateEvery } = options;
      return truncatedBptt(backwardSteps < updateEvery ? { ...options, lossScope: 'last' } : options);
    }),
    caughtBy: [regimes('rnnTanh', 3), 'truncatedBptt: gradient, lstm, masked'],
  },
  {
    name: 'stored steps are run again with the parameters of now',
    kit: strategy(withOptions((options) => ({ ...options, staleness: 'recompute' }))),
    caughtBy: ['truncatedBptt: gradient, stored steps keep the parameters they ran with'],
  },
  {
    name: 'recomputed steps keep the parameters they ran with',
    kit: strategy(withOptions((options) => ({ ...options, staleness: 'stored' }))),
    caughtBy: ['truncatedBptt: gradient, recomputed steps use the parameters of now'],
  },
  {
    name: 'the update says the loss steps of the interval before',
    kit: strategy(
      withRun(
        everyUpdate((update) => ({
          ...update,
          lossSteps: { from: update.lossSteps.from - 1, to: update.lossSteps.to - 1 },
        })),
      ),
    ),
    caughtBy: [regimes('gru', 2)],
    message: /counts losses/,
  },
  {
    name: 'a dropped loss is not declared',
    kit: strategy(withRun(everyUpdate((update) => ({ ...update, droppedLosses: 0 })))),
    caughtBy: [regimes('gru', 2)],
    message: /counts losses/,
  },
  {
    name: 'a learned initial carry gets no gradient',
    kit: {
      fullBptt: fullOnTask((task) => ({
        ...task,
        initialCarry: (...args) => stopGradient(task.initialCarry(...args)),
      })),
      truncatedBptt: onTask(truncatedBptt, (task) => ({
        ...task,
        initialCarry: (...args) => stopGradient(task.initialCarry(...args)),
      })),
    },
    caughtBy: [
      'fullBptt: gradient, lstm, learned initial carry',
      'truncatedBptt: gradient, rnnTanh, learned initial carry',
    ],
  },
  {
    name: 'the readout gets no gradient',
    kit: strategy(
      onTask(truncatedBptt, (task) => ({
        ...task,
        loss: (params, ...rest) => task.loss(stopGradient(params), ...rest),
      })),
    ),
    caughtBy: [regimes('lstm', 2)],
  },
  {
    name: 'a stretch starts again from the initial carry',
    kit: strategy(
      onTask(truncatedBptt, (task) => ({
        ...task,
        forward: (params, _carry, stretch, context) =>
          task.forward(params, task.initialCarry(params, stretch), stretch, context),
      })),
    ),
    caughtBy: ['truncatedBptt: value, lstm, the carry keeps its value', regimes('gru', 2)],
  },
  {
    name: 'scan in reverse ignores the mask',
    kit: {
      scan: (cell, params, carry, inputs, options = {}) =>
        scan(cell, params, carry, inputs, options.reverse ? { reverse: true } : options),
    },
    caughtBy: [
      'lstm cell: value, step after step, reversed, mask with holes',
      "scan: gradient, of a user's cell, masked, reversed",
    ],
  },
  {
    name: 'scan lets a padded step change the carry',
    kit: {
      scan(cell, params, carry, inputs, options = {}) {
        const { output } = scan(cell, params, carry, inputs, options);
        return { output, carry: scan(cell, params, carry, inputs, { ...options, mask: null }).carry };
      },
    },
    caughtBy: [
      'gru cell: value, step after step, ragged mask',
      "scan: gradient, of a user's cell, masked, a row throughout",
    ],
  },
  {
    name: 'scan leaves padded outputs as they come',
    kit: {
      scan(cell, params, carry, inputs, options = {}) {
        const { carry: after } = scan(cell, params, carry, inputs, options);
        return { carry: after, output: scan(cell, params, carry, inputs, { ...options, mask: null }).output };
      },
    },
    caughtBy: ['rnnTanh cell: value, as a segment, ragged mask'],
  },
  {
    name: 'scan cuts the gradient between steps',
    kit: {
      scan: (cell, params, carry, inputs, options) =>
        scan(
          { initialCarry: cell.initialCarry, step: (p, c, ...rest) => cell.step(p, stopGradient(c), ...rest) },
          params,
          carry,
          inputs,
          options,
        ),
    },
    caughtBy: ['rnnTanh cell: gradient, step after step', 'scan: gradient, of a scalar product over steps'],
  },
  {
    name: 'scan counts the time of each part from 0',
    kit: { scan: (cell, params, carry, inputs, options) => scan(cell, params, carry, inputs, { ...options, from: 0 }) },
    caughtBy: ['scan: gradient, of a cell with random numbers, cut and run again'],
  },
  {
    name: 'scan does not hand the key on',
    kit: {
      scan: (cell, params, carry, inputs, options) => scan(cell, params, carry, inputs, { ...options, key: null }),
    },
    caughtBy: ['scan: gradient, of a cell with random numbers, cut and run again'],
  },
  {
    name: 'an LSTM cell with its gates in the order of ONNX',
    kit: withCell(
      'lstm',
      withParams((params, hidden) => treeMap(params, (x) => reorderGates(x, hidden, [0, 3, 1, 2]))),
    ),
    caughtBy: ['lstm cell: value, step after step'],
  },
  {
    name: 'a GRU cell with the reset before the product',
    kit: withCell('gru', resetBefore),
    caughtBy: ['gru cell: value, step after step', 'gru cell: value, as a segment'],
  },
  {
    name: 'a cell that forgets its second bias',
    kit: withCell(
      'rnnTanh',
      withParams(({ bias_hh, ...params }) => ({ ...params, bias_hh: bias_hh ? mul(bias_hh, 0) : null })),
    ),
    caughtBy: ['rnnTanh cell: value, step after step', 'rnnTanh cell: gradient, as a segment'],
  },
  {
    name: 'a cell whose initial carry is ones',
    kit: withCell('lstm', (cell) => ({
      ...cell,
      initialCarry: (batch, options) => treeMap(cell.initialCarry(batch, options), (x) => add(x, 1)),
    })),
    caughtBy: ['lstm cell: value, initial carry', regimes('lstm', 1)],
  },
];
