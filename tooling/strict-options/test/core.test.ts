import { createBackend } from '@tempograd/backend-js';
import {
  adaptiveTruncation,
  adaptiveTruncationMask,
  adamStep,
  all,
  any,
  arange,
  argmax,
  argmin,
  argsort,
  artbp,
  artbpMask,
  bernoulli,
  cellJacobian,
  cellPattern,
  cellTask,
  checkpointedBptt,
  checkpointSchedule,
  countedLosses,
  creditMatrix,
  cummax,
  cummin,
  cumprod,
  cumsum,
  eye,
  fromArray,
  full,
  fullBptt,
  gradientByLag,
  gruCell,
  key,
  linspace,
  logSoftmax,
  logSumExp,
  lstmCell,
  matmul,
  max,
  mean,
  min,
  norm,
  normal,
  oneHot,
  ones,
  optimiserSteps,
  prod,
  readGradientByLag,
  randomTelescoping,
  recurrent,
  rmspropStep,
  rnnCell,
  scalar,
  scan,
  scanSteps,
  sgdStep,
  softmax,
  sort,
  std,
  sum,
  telescopingMask,
  tensor,
  topK,
  truncatedBptt,
  truncationMask,
  uniform,
  useBackend,
  variance,
  vmap,
  zeros,
  type OptimiserControls,
  type StepsCall,
  type Tensor,
} from '@tempograd/core';
import { holdTo, type Taker } from './holdTo.js';

useBackend(createBackend());

const matrix = ones([2, 2]);
const classes = zeros([2], { dtype: 'i32' });
const cell = rnnCell({ hiddenSize: 2 });
const params = { weight_ih: ones([2, 2]), weight_hh: ones([2, 2]) };
const inputs = ones([3, 1, 2]);
const carry = zeros([1, 2]);
const cellTaskSettings = {
  input: (stretch: Tensor) => stretch,
  loss: (_params: unknown, output: Tensor) => sum(output),
};
const task = cellTask(cell, cellTaskSettings);

/** What optimiser steps take beside tensors: each object may be wrong. */
const controls = { learningRate: 0.1, step: 1 };
const adamArgs = {
  moments: { moment1: zeros([2, 2]), moment2: zeros([2, 2]), maxMoment2: null },
  settings: { beta1: 0.9, beta2: 0.9, epsilon: 0.1, weightDecay: 0, decoupled: false },
};
const adamLists = { moment1: [zeros([2, 2])], moment2: [zeros([2, 2])], maxMoment2: null };
const sgdArgs = { moments: { velocity: null }, settings: { momentum: 0, nesterov: false, weightDecay: 0 } };
const rmspropArgs = {
  moments: { square: zeros([2, 2]), velocity: null, mean: null },
  settings: { alpha: 0.9, epsilon: 0.1, momentum: 0, weightDecay: 0 },
};
const [parameter, gradient] = [ones([2, 2]), ones([2, 2])];

function steps<M extends object, S extends object>(
  step: (parameter: Tensor, gradient: Tensor, moments: M, controls: OptimiserControls, settings: S) => void,
  { moments, settings }: { moments: M; settings: S },
  [moment, setting]: [moment: string, setting: string],
): Taker[] {
  return [
    { take: (given: M) => step(parameter, gradient, given, controls, settings), good: moments, key: moment },
    {
      take: (given: OptimiserControls) => step(parameter, gradient, moments, given, settings),
      good: controls,
      key: 'guard',
    },
    { take: (given: S) => step(parameter, gradient, moments, controls, given), good: settings, key: setting },
  ];
}

const creates = (take: Taker['take'], dtype = 'f64'): Taker => ({ take, good: { dtype }, key: 'dtype' });
const reduces = (take: Taker['take']): Taker => ({ take, good: { axes: [0], keepAxes: true }, key: 'axes' });
const along = (take: Taker['take']): Taker => ({ take, good: { axis: 0 }, key: 'axis' });
const scans = (take: Taker['take'], as?: string): Taker => ({
  take,
  good: { reverse: true, mask: null },
  key: 'reverse',
  ...(as && { as }),
});
const noStore = { put: () => undefined, get: () => [], delete: () => undefined };
const truncation = { good: { time: 3, updateEvery: 1, backwardSteps: 2 }, key: 'backwardSteps' };
const cellOf = (take: Taker['take']): Taker => ({ take, good: { hiddenSize: 2 }, key: 'hiddenSize' });

holdTo('core/src/index.ts', {
  tensor: creates((options) => tensor([1, 2], options)),
  fromArray: creates((options) => fromArray([1, 2], [2], options)),
  full: creates((options) => full([2], 3, options)),
  zeros: creates((options) => zeros([2], options)),
  ones: creates((options) => ones([2], options), 'i32'),
  scalar: creates((options) => scalar(1, options)),
  uniform: creates((options) => uniform(key(1), [2], options)),
  normal: creates((options) => normal(key(1), [2], options)),
  bernoulli: creates((options) => bernoulli(key(1), 0.5, [2], options)),
  sum: reduces((options) => sum(matrix, options)),
  max: reduces((options) => max(matrix, options)),
  mean: reduces((options) => mean(matrix, options)),
  min: reduces((options) => min(matrix, options)),
  prod: reduces((options) => prod(matrix, options)),
  any: reduces((options) => any(matrix, options)),
  all: reduces((options) => all(matrix, options)),
  logSumExp: reduces((options) => logSumExp(matrix, options)),
  variance: reduces((options) => variance(matrix, options)),
  std: reduces((options) => std(matrix, options)),
  norm: reduces((options) => norm(matrix, options)),
  softmax: along((options) => softmax(matrix, options)),
  logSoftmax: along((options) => logSoftmax(matrix, options)),
  argmax: along((options) => argmax(matrix, options)),
  argmin: along((options) => argmin(matrix, options)),
  cumsum: along((options) => cumsum(matrix, options)),
  cumprod: along((options) => cumprod(matrix, options)),
  cummax: along((options) => cummax(matrix, options)),
  cummin: along((options) => cummin(matrix, options)),
  sort: along((options) => sort(matrix, options)),
  argsort: along((options) => argsort(matrix, options)),
  topK: along((options) => topK(matrix, 1, options)),
  oneHot: creates((options) => oneHot(classes, 2, options)),
  arange: creates((options) => arange(0, 3, options)),
  linspace: creates((options) => linspace(0, 1, 3, options)),
  eye: creates((options) => eye(2, 2, options)),
  matmul: { take: (options) => matmul(matrix, matrix, options), good: { transposeA: true }, key: 'transposeA' },
  vmap: { take: (options) => vmap((x: Tensor) => x, options), good: { in: 0 }, key: 'in' },
  rnnCell: { take: rnnCell, good: { hiddenSize: 2, activation: 'relu' }, key: 'activation' },
  gruCell: cellOf(gruCell),
  lstmCell: cellOf(lstmCell),
  'Cell.initialCarry': { ...creates((options) => cell.initialCarry(1, options)), as: 'zeros' },
  'Cell.segment': scans((options) => cell.segment?.(params, carry, inputs, options), 'segment'),
  scan: scans((options) => scan(cell, params, carry, inputs, options)),
  scanSteps: scans((options) => scanSteps(cell, params, carry, inputs, options)),
  recurrent: {
    take: recurrent,
    good: { cell: 'rnnTanh', input: inputs, carry: [carry], weightIh: matrix, weightHh: matrix },
    key: 'weightHh',
  },
  cellJacobian: {
    take: (options) => cellJacobian(cell, params, carry, carry, options),
    good: { by: ['carry'] },
    key: 'by',
  },
  cellPattern: {
    take: (options) => cellPattern(cell, params, carry, carry, options),
    good: { by: ['carry'] },
    key: 'by',
  },
  cellTask: { take: (settings) => cellTask(cell, settings), good: cellTaskSettings, key: 'input' },
  truncatedBptt: { take: truncatedBptt, good: { updateEvery: 2, staleness: 'stored' }, key: 'backwardSteps' },
  artbp: { take: artbp, good: { updateEvery: 2, meanLength: 8, alpha: 4, segment: 2 }, key: 'meanLength' },
  artbpMask: { take: artbpMask, good: { time: 3, cutProbability: 0.5, cuts: [1] }, key: 'meanLength' },
  adaptiveTruncation: {
    take: adaptiveTruncation,
    good: { updateEvery: 2, maxLength: 8, tolerance: 0.2 },
    key: 'maxLength',
  },
  adaptiveTruncationMask: {
    take: adaptiveTruncationMask,
    good: { time: 3, updateEvery: 2, lengths: [2, 1] },
    key: 'updateEvery',
  },
  randomTelescoping: {
    take: randomTelescoping,
    good: { updateEvery: 2, meanLength: 8, estimator: 'singleSample' },
    key: 'meanLength',
  },
  telescopingMask: { take: telescopingMask, good: { time: 3, segment: 1, meanLength: 4 }, key: 'meanLength' },
  fullBptt: { take: fullBptt, good: { lossScope: () => 1 }, key: 'lossScope' },
  checkpointedBptt: {
    take: checkpointedBptt,
    good: { slots: 3, states: 'internal', segment: 2, slow: { store: noStore } },
    key: 'segment',
  },
  checkpointSchedule: {
    take: checkpointSchedule,
    good: { time: 9, slots: 3, states: 'hidden', segment: 2, slowSlots: 1 },
    key: 'slowSlots',
  },
  'Strategy.start': [
    fullBptt(),
    checkpointedBptt(),
    truncatedBptt({ updateEvery: 2 }),
    artbp({ updateEvery: 2, meanLength: 8 }),
    randomTelescoping({ updateEvery: 2, meanLength: 8 }),
  ].map((strategy) => ({
    take: (options) => strategy.start(task, options),
    good: { key: key(1) },
    key: 'snapshot',
    as: `${strategy.name}().start`,
  })),
  truncationMask: { take: truncationMask, ...truncation },
  countedLosses: { take: countedLosses, ...truncation },
  creditMatrix: { take: (options) => creditMatrix(task, params, inputs, options), good: { carry }, key: 'carry' },
  gradientByLag: { take: (options) => gradientByLag(task, params, inputs, options), good: { lags: 1 }, key: 'lags' },
  readGradientByLag: {
    take: (options) => readGradientByLag(task, params, inputs, options),
    good: { lags: 1 },
    key: 'lags',
  },
  adamStep: steps(adamStep, adamArgs, ['maxMoment2', 'epsilon']),
  sgdStep: steps(sgdStep, sgdArgs, ['velocity', 'nesterov']),
  rmspropStep: steps(rmspropStep, rmspropArgs, ['mean', 'alpha']),
  optimiserSteps: {
    take: (given: StepsCall<'adam'>) => optimiserSteps('adam', given, controls),
    good: { parameters: [parameter], gradients: [gradient], moments: adamLists, settings: [adamArgs.settings] },
    key: 'gradients',
  },
});
