import { truncatedBptt } from '@tempograd/core';
import { adam, adamw, rmsprop, sgd, type FindingKind } from '../../src/index.js';
import type { WatchedRun } from './runs.js';

const by = (learningRate: number): WatchedRun['optimiser'] => adam({ learningRate });
const tanh = { cell: 'rnnTanh' } as const;
const relu = { cell: 'rnnRelu' } as const;
const gru = { cell: 'gru' } as const;
const clip = { norm: 1 };

/** Trainings that get on: nothing is to be said of them. */
export const healthyRuns: Readonly<Record<string, WatchedRun>> = {
  'waves, lstm': { task: 'waves', seed: 101, time: 16, optimiser: by(0.02) },
  'a running mean, gru': { task: 'runningMean', seed: 102, time: 24, optimiser: by(0.01), config: gru },
  'a sine, gru, clipped': { task: 'sine', seed: 103, time: 16, optimiser: by(0.02), config: gru, clip },
  'a noisy series, normalised': {
    task: 'noisySeries',
    seed: 104,
    time: 16,
    optimiser: by(0.02),
    config: { layerNorm: true },
  },
  'a noisy series, lstm': { task: 'noisySeries', seed: 105, time: 20, optimiser: by(0.02) },
  'a noisy series, gru': { task: 'noisySeries', seed: 106, time: 30, optimiser: by(0.01), config: gru },
  'a noisy series, tanh': { task: 'noisySeries', seed: 107, time: 20, optimiser: by(0.01), config: tanh },
  'a noisy series, relu': { task: 'noisySeries', seed: 108, time: 15, optimiser: by(0.005), config: relu, clip },
  'a noisy series, dropout': {
    task: 'noisySeries',
    seed: 109,
    time: 20,
    optimiser: by(0.02),
    config: { hidden: 12, dropout: 0.2 },
  },
  'a running mean, lstm': { task: 'runningMean', seed: 110, time: 20, optimiser: by(0.02) },
  'a running mean, two layers': {
    task: 'runningMean',
    seed: 111,
    time: 12,
    optimiser: by(0.02),
    config: { ...gru, layers: 2 },
  },
  'a running mean, descent': {
    task: 'runningMean',
    seed: 112,
    time: 15,
    optimiser: sgd({ learningRate: 0.2, momentum: 0.9 }),
    config: tanh,
    clip,
  },
  'the largest, lstm': { task: 'largest', seed: 113, time: 12, optimiser: by(0.02) },
  'the largest, tanh': { task: 'largest', seed: 114, time: 8, optimiser: by(0.01), config: tanh },
  'the largest, rmsprop': {
    task: 'largest',
    seed: 115,
    time: 10,
    optimiser: rmsprop({ learningRate: 0.01 }),
    config: gru,
  },
  'the largest, relu': { task: 'largest', seed: 116, time: 10, optimiser: by(0.005), config: relu, clip },
  'an echo, gru': { task: 'echo', seed: 117, time: 20, optimiser: by(0.03), config: gru },
  'a sine, truncated': {
    task: 'sine',
    seed: 118,
    time: 40,
    optimiser: by(0.02),
    strategy: truncatedBptt({ updateEvery: 10 }),
    config: { layers: 2 },
  },
  'a majority, decayed': {
    task: 'majority',
    seed: 119,
    time: 14,
    optimiser: adamw({ learningRate: 0.01, weightDecay: 0.01 }),
    config: tanh,
  },
  'the first step, lstm': { task: 'firstStep', seed: 120, time: 10, optimiser: by(0.02) },
};

/** A training that goes wrong, and what is to be found of it, one of these at least. */
export interface SickRun extends WatchedRun {
  readonly expected: readonly FindingKind[];
}

const vanishing = { expected: ['vanishing'] } as const;
const exploding = { expected: ['exploding'] } as const;
const tooHigh = { expected: ['rateTooHigh', 'diverging', 'saturated'] } as const;
const tooLow = { expected: ['rateTooLow'] } as const;
const saturated = { expected: ['saturated'] } as const;
const dead = { expected: ['dead'] } as const;

/** Trainings that go wrong. */
export const sickRuns: Readonly<Record<string, SickRun>> = {
  'a long lag, tanh': { ...vanishing, task: 'firstStep', seed: 201, time: 80, optimiser: by(0.005), config: tanh },
  'a long lag, forgetting gates': {
    ...vanishing,
    task: 'firstStep',
    seed: 202,
    time: 60,
    optimiser: by(0.005),
    config: { forgetBias: -1 },
  },
  'a long lag, two layers': {
    ...vanishing,
    task: 'firstStep',
    seed: 203,
    time: 50,
    optimiser: by(0.005),
    config: { ...tanh, layers: 2 },
  },
  'a long lag, small weights': {
    ...vanishing,
    task: 'firstStep',
    seed: 204,
    time: 60,
    optimiser: by(0.003),
    config: relu,
    scale: { weight_hh: 0.5 },
  },
  'large recurrent weights': {
    ...exploding,
    task: 'runningMean',
    seed: 205,
    time: 30,
    optimiser: by(0.001),
    config: relu,
    scale: { weight_hh: 5 },
    clip,
  },
  'larger recurrent weights': {
    ...exploding,
    task: 'largest',
    seed: 206,
    time: 25,
    optimiser: by(0.001),
    config: relu,
    scale: { weight_hh: 6 },
  },
  'large recurrent weights, descent': {
    ...exploding,
    task: 'noisySeries',
    seed: 207,
    time: 20,
    optimiser: sgd({ learningRate: 0.001 }),
    config: relu,
    scale: { weight_hh: 5 },
    clip,
  },
  'a rate of 3': { ...tooHigh, task: 'runningMean', seed: 208, time: 20, optimiser: by(3) },
  'descent at a rate of 50': {
    ...tooHigh,
    task: 'noisySeries',
    seed: 209,
    time: 20,
    optimiser: sgd({ learningRate: 50 }),
    config: gru,
    clip,
  },
  'rmsprop at a rate of 1': {
    ...tooHigh,
    task: 'largest',
    seed: 210,
    time: 10,
    optimiser: rmsprop({ learningRate: 1 }),
    config: tanh,
  },
  'a tiny rate': { ...tooLow, task: 'waves', seed: 211, time: 16, optimiser: by(1e-6), config: gru },
  'a tiny rate, descent': {
    ...tooLow,
    task: 'noisySeries',
    seed: 212,
    time: 20,
    optimiser: sgd({ learningRate: 1e-5 }),
  },
  'a tiny rate, rmsprop': {
    ...tooLow,
    task: 'largest',
    seed: 213,
    time: 10,
    optimiser: rmsprop({ learningRate: 1e-6 }),
    config: tanh,
  },
  'huge inputs, gru': {
    ...saturated,
    task: 'runningMean',
    seed: 214,
    time: 15,
    optimiser: by(0.003),
    config: gru,
    inputScale: 2000,
  },
  'huge inputs, tanh': {
    ...saturated,
    task: 'noisySeries',
    seed: 215,
    time: 15,
    optimiser: by(0.003),
    config: tanh,
    inputScale: 500,
  },
  'huge weights': {
    ...saturated,
    task: 'waves',
    seed: 216,
    time: 16,
    optimiser: by(0.003),
    scale: { weight_ih: 100, weight_hh: 100 },
  },
  'dead from the start': {
    ...dead,
    task: 'largest',
    seed: 217,
    time: 10,
    optimiser: by(0.01),
    config: relu,
    shift: { bias_ih: -6 },
  },
  'mostly dead': {
    ...dead,
    task: 'runningMean',
    seed: 218,
    time: 12,
    optimiser: by(0.003),
    config: relu,
    shift: { bias_hh: -4 },
  },
  'labels of nothing': {
    expected: ['stalled'],
    task: 'noise',
    seed: 219,
    time: 8,
    optimiser: by(0.005),
    config: tanh,
    examples: 1024,
  },
  'a clip far too low': {
    expected: ['clipping'],
    task: 'waves',
    seed: 220,
    time: 12,
    optimiser: sgd({ learningRate: 0.5 }),
    clip: { norm: 1e-4 },
  },
};
