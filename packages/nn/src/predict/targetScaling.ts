import type { Scaler } from '../data/index.js';

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

/** Why a scaler, or targets, do not fit a model that reads so many features and predicts so many numbers; null where they do. */
export function scalerMisfit(
  scaler: Scaler | null,
  targets: TargetScaling,
  { input, outputs }: { readonly input: object; readonly outputs: number },
): string | null {
  const features = 'features' in input ? (input.features as number) : 0;
  if (scaler !== null && features < scaler.channels) {
    return (
      `the model reads ${features > 0 ? `${features} features` : 'vocabulary' in input ? 'items' : 'several inputs'}, but the scaler has ${scaler.channels} channels. ` +
      'The scaler is the one that its training data was scaled with.'
    );
  }
  if (outputs % targets.channels === 0) return null;
  return (
    `the model predicts ${outputs} numbers, which are no steps of ${targets.channels} channels. ` +
    'Name the channels that are predicted: targets.'
  );
}
