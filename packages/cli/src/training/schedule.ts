import { cosineSchedule, warmUp, type Schedule } from '@tempograd/nn';

/** A stretch of training with a schedule of its own, from a warm-up to a learning rate near 0. A run that is extended has several. */
export interface Phase {
  readonly updates: number;
  /** Its highest learning rate. */
  readonly learningRate: number;
}

/** Updates in which a phase's learning rate grows from near 0. */
export function warmUpUpdates({ updates }: Phase): number {
  return Math.min(100, Math.ceil(updates / 10));
}

/** The rate that a phase ends with. */
export function lastLearningRate({ learningRate }: Phase): number {
  return learningRate / 50;
}

/** Updates of all phases. */
export function updatesOf(phases: readonly Phase[]): number {
  return phases.reduce((sum, { updates }) => sum + updates, 0);
}

/** The learning rate of all phases, one after another: in each a warm-up, then half a cosine down. */
export function scheduleOf(phases: readonly Phase[]): Schedule {
  const schedules = phases.map((phase) => {
    const rising = warmUpUpdates(phase);
    const falling = cosineSchedule(phase.learningRate, {
      steps: Math.max(1, phase.updates - rising),
      minimum: lastLearningRate(phase),
    });
    return warmUp(falling, { steps: rising });
  });
  return (step) => {
    let from = 0;
    for (const [index, { updates }] of phases.entries()) {
      if (step < from + updates || index === phases.length - 1) return (schedules[index] as Schedule)(step - from);
      from += updates;
    }
    return 0;
  };
}
