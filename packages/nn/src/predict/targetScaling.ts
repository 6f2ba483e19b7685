import type { Scaler } from '../data/index.js';
import type { ResolvedConfig } from '../model/config.js';

/** Channels of a scaler that a model predicts: a name, or names and numbers. */
export type Targets = string | readonly (string | number)[];

/** What brings predictions back to the units of the series. */
export interface TargetScaling {
  /** Channels that are predicted of a step. */
  readonly channels: number;
  /** Of one step or several side by side. */
  inverse(values: ArrayLike<number>): Float64Array;
}

/** The scaling of the channels that a model predicts; default is all. @throws ArgumentError for one that the scaler has not. */
export function targetScaling(scaler: Scaler, targets?: Targets): TargetScaling {
  if (targets === undefined)
    return { channels: scaler.channels, inverse: (values) => scaler.inverse(Float64Array.from(values)) };
  const each = [targets].flat().map((which) => scaler.channel(which));
  return {
    channels: each.length,
    inverse(values) {
      const result = new Float64Array(values.length);
      each.forEach((one, channel) => {
        const own = Array.from(
          { length: Math.ceil((values.length - channel) / each.length) },
          (_, step) => values[step * each.length + channel] as number,
        );
        one.inverse(own).forEach((value, step) => (result[step * each.length + channel] = value));
      });
      return result;
    },
  };
}

/** What of a model a scaler and targets must fit. */
interface Predicting {
  readonly input: object;
  readonly outputs: number;
  readonly loss: ResolvedConfig['loss'];
}

/** Whether what a model predicts is in the units of what it was trained on, and not classes, or yes and no. */
export function predictsNumbers({ loss }: Pick<Predicting, 'loss'>): boolean {
  return loss === 'meanSquaredError';
}

/** Why a scaler, or targets, do not fit a model that reads so many features and predicts so many numbers; null where they do. */
export function scalerMisfit(scaler: Scaler | null, targets: Targets | undefined, config: Predicting): string | null {
  const { input, outputs } = config;
  const features = 'features' in input ? (input.features as number) : 0;
  if (scaler !== null && features < scaler.channels) {
    return (
      `the model reads ${features > 0 ? `${features} features` : 'vocabulary' in input ? 'items' : 'several inputs'}, but the scaler has ${scaler.channels} channels. ` +
      'The scaler is the one that its training data was scaled with.'
    );
  }
  if (!predictsNumbers(config))
    return targets === undefined
      ? null
      : 'targets are channels of the series that are predicted, but the model predicts classes. Leave them out.';
  if (scaler === null && targets === undefined) return null;
  const channels = scaler === null ? [targets ?? []].flat().length : targetScaling(scaler, targets).channels;
  if (outputs % channels === 0) return null;
  return (
    `the model predicts ${outputs} numbers, which are no steps of ${channels} channels. ` +
    'Name the channels that are predicted: targets.'
  );
}

/** Why it is not known which channels a model predicts that otherwise fits its scaler, and what to say; null where it is. */
export function unsaidTargets(scaler: Scaler | null, targets: Targets | undefined, config: Predicting): string | null {
  if (scaler === null || targets !== undefined || !predictsNumbers(config)) return null;
  const { outputs } = config;
  const { channels } = scaler;
  if (channels === 1 || outputs === channels) return null;
  const names = scaler.names ?? Array.from({ length: channels }, (_, channel) => channel);
  return (
    `the ${outputs} numbers that the model predicts may be ${outputs / channels} steps of all ${channels} channels of the scaler, or more steps ` +
    `of fewer channels. Say which channels are predicted: targets: ${JSON.stringify(names)}, or some of these.`
  );
}
