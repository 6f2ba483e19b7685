import type { TrainingStep } from '@tempograd/nn';
import { bits } from '../present/format.js';
import type { Progress } from '../present/TrainView.js';
import type { TrainPlan } from './runPlan.js';

/** How much the newest loss counts in the average that is shown. */
const newest = 0.04;

/** Makes figures to look at of training steps: averages, speed, time left. */
export class Meter {
  readonly #plan: TrainPlan;
  readonly #begin: number = performance.now();
  #steps = 0;
  #items = 0;
  #average = 0;

  constructor(plan: TrainPlan) {
    this.#plan = plan;
  }

  read({ update, loss, items, gradientNorm, learningRate }: TrainingStep): Progress {
    const { updates } = this.#plan;
    const bitsPerItem = bits(loss);
    this.#steps++;
    this.#items += items;
    // The mean at first, then an average in which what is past fades.
    this.#average += Math.max(newest, 1 / this.#steps) * (bitsPerItem - this.#average);
    const seconds = (performance.now() - this.#begin) / 1000;
    return {
      unit: this.#plan.settings.unit,
      update,
      updates,
      bitsPerItem,
      recentBitsPerItem: this.#average,
      itemsPerSecond: this.#items / seconds,
      gradientNorm,
      learningRate,
      secondsLeft: ((updates - update) * seconds) / this.#steps,
    };
  }
}
