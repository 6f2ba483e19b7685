import type { SequenceModelConfig } from '../../src/index.js';

/** Numbers that look random, the same for a seed: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A sequence to learn: vectors by step, and one class, or vectors by step, to predict. */
export interface Example {
  readonly inputs: number[][];
  readonly targets: number | number[][];
}

/** Something to learn. */
export interface LearningTask {
  readonly model: Pick<SequenceModelConfig, 'outputs' | 'loss' | 'pooling'> & {
    readonly input: { readonly features: number };
  };
  /** Classes of one label a sequence; null where there is a target a step. */
  readonly classes: number | null;
  example(random: () => number, time: number): Example;
}

const steps = <T>(time: number, at: (step: number) => T): T[] => Array.from({ length: time }, (_, step) => at(step));
const signed = (random: () => number): number => 2 * random() - 1;

/** One label a sequence. */
function labelled(
  features: number,
  classes: number,
  example: LearningTask['example'],
  pooling: 'none' | 'mean' | 'last' = 'none',
): LearningTask {
  return { model: { input: { features }, outputs: classes, loss: 'crossEntropy', pooling }, classes, example };
}

/** Numbers to predict at each step. */
function numbers(features: number, outputs: number, example: LearningTask['example']): LearningTask {
  return { model: { input: { features }, outputs, loss: 'meanSquaredError' }, classes: null, example };
}

/** Things to learn, by name. */
export const tasks: Readonly<
  Record<
    'firstStep' | 'majority' | 'sine' | 'echo' | 'waves' | 'noisySeries' | 'runningMean' | 'largest' | 'noise',
    LearningTask
  >
> = {
  /** The class stands in the first step, noise in the others. */
  firstStep: labelled(1, 2, (random, time) => {
    const kind = random() < 0.5 ? 0 : 1;
    return { inputs: steps(time, (step) => [step === 0 ? 2 * kind - 1 : 0.3 * signed(random)]), targets: kind };
  }),
  /** Which of two signs comes more often. */
  majority: labelled(
    1,
    2,
    (random, time) => {
      const inputs = steps(time, () => [random() < 0.5 ? -1 : 1]);
      return { inputs, targets: inputs.reduce((sum, [x]) => sum + (x as number), 0) > 0 ? 1 : 0 };
    },
    'mean',
  ),
  /** The next value of a sine of any phase. */
  sine: numbers(1, 1, (random, time) => {
    const [phase, pace] = [6.3 * random(), 0.4 + 0.2 * random()];
    const at = (step: number): number => Math.sin(phase + pace * step);
    return { inputs: steps(time, (step) => [at(step)]), targets: steps(time, (step) => [at(step + 1)]) };
  }),
  /** The input of two steps before. */
  echo: numbers(1, 1, (random, time) => {
    const inputs = steps(time, () => [signed(random)]);
    return { inputs, targets: steps(time, (step) => [inputs[step - 2]?.[0] ?? 0]) };
  }),
  /** Whether a wave is slow or fast, known at its end. */
  waves: labelled(
    1,
    2,
    (random, time) => {
      const [kind, phase] = [random() < 0.5 ? 0 : 1, 6.3 * random()];
      return { inputs: steps(time, (step) => [Math.sin(phase + (kind ? 0.9 : 0.45) * step)]), targets: kind };
    },
    'last',
  ),
  /** The next value of a noisy series that swings: a noise floor is left. */
  noisySeries: numbers(1, 1, (random, time) => {
    const values = [signed(random), signed(random)];
    for (let step = 2; step <= time; step++)
      values.push(1.5 * (values[step - 1] as number) - 0.8 * (values[step - 2] as number) + 0.4 * signed(random));
    return {
      inputs: steps(time, (step) => [values[step] as number]),
      targets: steps(time, (s) => [values[s + 1] as number]),
    };
  }),
  /** The mean of all inputs so far. */
  runningMean: numbers(1, 1, (random, time) => {
    const level = signed(random);
    const inputs = steps(time, () => [level + 0.5 * signed(random)]);
    let sum = 0;
    return { inputs, targets: inputs.map(([x], step) => [(sum += x as number) / (step + 1)]) };
  }),
  /** Which of three inputs was the largest on the whole. */
  largest: labelled(3, 3, (random, time) => {
    const levels = [signed(random), signed(random), signed(random)];
    const inputs = steps(time, () => levels.map((level) => level + 0.5 * signed(random)));
    return { inputs, targets: levels.indexOf(Math.max(...levels)) };
  }),
  /** Labels that nothing says anything of. */
  noise: labelled(2, 2, (random, time) => ({
    inputs: steps(time, () => [signed(random), signed(random)]),
    targets: random() < 0.5 ? 0 : 1,
  })),
};
