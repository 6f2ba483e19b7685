import {
  add,
  ArgumentError,
  bernoulli,
  cast,
  concat,
  foldIn,
  foldInName,
  less,
  reshape,
  scope,
  select,
  sliceAxis,
  zeros,
  type Key,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import type { TrainableTask } from '../fit/index.js';
import { assess, assessesAtOnce } from '../metrics/assess.js';
import type { SequenceModel } from './sequenceModel.js';
import type { RecurrentCarry, SequenceModelParams, SequenceStretch } from './SequenceStretch.js';

/** How a model is trained on its own predictions. */
export interface RolloutOptions {
  /**
   * Probability that a step reads what its stretch has for it and not what was predicted for it, drawn for each row and step; default
   * is 0: always the prediction. A function is asked at every run, so that it can follow a schedule, and must give one number
   * throughout an update.
   */
  readonly teacherForcing?: number | (() => number);
  /** How many steps of each row, from the first one that is not masked, read what the stretch has for them; default is 1. */
  readonly given?: number;
  /**
   * What a step reads of what was predicted for it, `[1, batch, outputs]`, and what the stretch has for it, `[1, batch, features]`, of
   * which it takes what is known before, such as the calendar. Default is the prediction, where the model predicts all that it reads.
   */
  readonly feed?: (predicted: Tensor, inputs: Tensor) => Tensor;
}

/** The carry of a rollout. */
export interface RolloutCarry {
  /** The model's. */
  readonly model: RecurrentCarry;
  /** What was predicted for the step that comes, `[1, batch, outputs]`. */
  readonly predicted: Tensor;
  /** How many steps were read, `[1, batch, 1]`. */
  readonly read: Tensor;
}

const rolloutTable = optionTable<RolloutOptions>({
  teacherForcing: 'number or function',
  given: 'number',
  feed: 'function',
});

/**
 * A model of numbers, trained on what it makes of its own predictions: after its `given` first steps a row reads what was predicted for it
 * at the step before, so that training sees the errors that add up in a forecast. Gradients pass through what is fed back. With a
 * probability of `teacherForcing` a step reads the stretch instead: 1 is training as ever, between lies scheduled sampling. The
 * choices depend on the key, the row and the step alone; without a key, as in evaluation, every step reads the prediction. At a
 * masked step the prediction stays what it was. Source: Williams & Zipser 1989; Bengio et al. 2015, "Scheduled sampling".
 * @throws ArgumentError when the model is no causal one of numbers that predicts one step ahead, or an option makes no sense.
 */
export function rollout(
  model: SequenceModel,
  options: RolloutOptions = {},
): TrainableTask<SequenceModelParams, RolloutCarry, SequenceStretch, Tensor> {
  checkOptions('rollout', options, rolloutTable);
  const { teacherForcing = 0, given = 1, feed } = options;
  requireModel(model, feed !== undefined);
  if (!(Number.isSafeInteger(given) && given >= 1)) {
    throw new ArgumentError(
      `rollout: given must be a whole number ≥ 1, but is ${given}: for the first step nothing was predicted.`,
    );
  }
  if (typeof teacherForcing === 'number') requireProbability(teacherForcing);

  /** 1 for the rows that read the stretch at a step, i32 `[1, batch, 1]`. */
  function forcedRows(read: Tensor, probability: number, key: Key | null, at: number): Tensor {
    const early = less(read, given);
    if (probability === 0 || key === null) return early;
    const stepKey = foldIn(foldInName(key, 'teacherForcing'), at);
    return select(early, 1, cast(bernoulli(stepKey, probability, read.shape, { backend: read.backend }), 'i32'));
  }

  const task: TrainableTask<SequenceModelParams, RolloutCarry, SequenceStretch, Tensor> = {
    causal: true,
    lossesPerStep: model.lossesPerStep,
    lossWeight: (stretch) => model.lossWeight(stretch),
    scored: (params, output, stretch, context) => model.scored(params, output, stretch, context),
    loss: (params, output, stretch, context) => model.loss(params, output, stretch, context),
    initialCarry(params, stretch) {
      const { dtype, backend } = params.head.bias;
      const like = { dtype: dtype as 'f32', backend };
      const batch = stretch.inputs.shape[1] as number;
      return {
        model: model.initialCarry(params, stretch) as RecurrentCarry,
        predicted: zeros([1, batch, model.config.outputs], like),
        read: zeros([1, batch, 1], like),
      };
    },
    forward(params, carry, { inputs, mask = null }, context) {
      const probability = typeof teacherForcing === 'number' ? teacherForcing : requireProbability(teacherForcing());
      return scope(() => {
        const [time, batch] = inputs.shape as [number, number];
        const outputs: Tensor[] = [];
        let { model: state, predicted, read } = carry;
        for (let step = 0; step < time; step++) {
          const at = context.from + step;
          const own = sliceAxis(inputs, step, step + 1);
          const steps = mask && sliceAxis(mask, step, step + 1);
          const fed = feed === undefined ? predicted : feed(predicted, own);
          const reads = select(forcedRows(read, probability, context.key, at), own, fed);
          const result = model.forward(params, state, { inputs: reads, mask: steps }, { ...context, from: at });
          const next = model.logits(params, result.output);
          const counts = steps && reshape(steps, [1, batch, 1]);
          state = result.carry as RecurrentCarry;
          predicted = counts ? select(counts, next, predicted) : next;
          read = counts ? select(counts, add(read, 1), read) : add(read, 1);
          outputs.push(result.output);
        }
        return { carry: { model: state, predicted, read }, output: concat(outputs) };
      });
    },
  };
  assessesAtOnce(task, (...of) => assess(model, ...of));
  return task;
}

/** @throws ArgumentError unless the model can read what it predicts. */
function requireModel(model: SequenceModel, fed: boolean): void {
  const { input, outputs, bidirectional, pooling, loss } = model.config;
  const reads = 'features' in input ? input.features : null;
  if (reads === null || loss !== 'meanSquaredError' || bidirectional || pooling !== 'none') {
    throw new ArgumentError(
      'rollout: wanted is a model that reads features, predicts numbers (meanSquaredError), runs forward and does not pool: only numbers ' +
        'that it predicts can be fed back to it.',
    );
  }
  if (reads !== outputs && !fed) {
    throw new ArgumentError(
      `rollout: the model reads ${reads} features and predicts ${outputs}, so that it cannot read on what it predicts. Say what it ` +
        'reads: rollout(model, { feed: (predicted, inputs) => … }).',
    );
  }
}

function requireProbability(probability: number): number {
  if (typeof probability === 'number' && probability >= 0 && probability <= 1) return probability;
  throw new ArgumentError(`rollout: teacherForcing must be a probability from 0 to 1, but is ${String(probability)}.`);
}
