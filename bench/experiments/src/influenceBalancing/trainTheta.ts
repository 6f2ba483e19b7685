import { key, scope, tensor, type Strategy } from '@tempograd/core';
import { sgd } from '@tempograd/nn';
import { balancingSteps, balancingTask, optimalTheta } from './balancingTask.js';

/** How one way to train ended. */
export interface Training {
  readonly name: string;
  readonly learningRate: number;
  /** Steps forward in all: fewer than asked for where it diverged. */
  readonly steps: number;
  readonly theta: number;
  /** Mean loss of the last update's steps. */
  readonly loss: number;
  /** `away`: the loss went past what a diverging run is stopped at. `there`: θ is within a hundredth of the best. */
  readonly ended: 'there' | 'on the way' | 'away';
  /** `[step, mean loss]` after every update. */
  readonly losses: readonly (readonly [number, number])[];
}

const startTheta = 0.5;
/** Where a run that diverges is stopped. The first steps at θ = 0.5 have up to 40. */
const lostAt = 1e6;

/** A way to train θ. */
export interface Way {
  readonly name: string;
  readonly strategy: Strategy;
  readonly learningRate: number;
  /** Steps forward in all. */
  readonly steps: number;
}

/** Trains θ from 0.5 by plain gradient descent, one update after another of a sequence without end. */
export function trainTheta({ name, strategy, learningRate, steps }: Way, seed: number): Training {
  const params = { theta: tensor(startTheta, { dtype: 'f64' }) };
  const optimiser = sgd({ learningRate });
  const state = optimiser.init(params);
  const run = strategy.start(balancingTask(), { key: key(seed) });
  const losses: [number, number][] = [];
  while (run.position < steps && !hasLeft(losses)) {
    scope(() => {
      for (const update of run.push(params, balancingSteps(Math.min(strategy.updateEvery, 200)))) {
        const { from, to } = update.lossSteps;
        losses.push([to, (update.loss.readSync()[0] as number) / (to - from)]);
        optimiser.update(params, update.gradient, state);
      }
    });
  }
  const loss = losses.at(-1)?.[1] ?? NaN;
  const theta = params.theta.readSync()[0] as number;
  const ended = hasLeft(losses) ? 'away' : Math.abs(theta - optimalTheta) < 0.01 ? 'there' : 'on the way';
  const training: Training = { name, learningRate, steps: run.position, theta, loss, ended, losses };
  run.dispose();
  return training;
}

/** Whether a run is lost. */
function hasLeft(losses: readonly (readonly [number, number])[]): boolean {
  const last = losses.at(-1);
  return last !== undefined && !(last[1] <= lostAt);
}
