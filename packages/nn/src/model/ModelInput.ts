import type { Tensor } from '@tempograd/core';

/** What a sequence model reads at each step. */
export type ModelInput =
  /** Items of a vocabulary by number, i32 `[time, batch]`, each looked up in an embedding of size `embedding`. */
  | { readonly vocabulary: number; readonly embedding: number }
  /** Numbers, `[time, batch, features]`, given to the recurrence as they are. */
  | { readonly features: number };

/** Several inputs by name: `{ weekday: { vocabulary: 7, embedding: 3 }, values: { features: 2 } }`. Put side by side in this order. */
export interface NamedInputs {
  readonly [name: string]: ModelInput;
}

/** One input or several. */
export type AnyInput = ModelInput | NamedInputs;

/** The tensors that a model of such an input reads: one, or one for each name. */
export type InputsOf<I extends ModelInput | NamedInputs> = I extends ModelInput
  ? Tensor
  : { readonly [K in keyof I]: Tensor };

/** Whether an input is several by name. */
export function isNamed(input: ModelInput | NamedInputs): input is NamedInputs {
  const settings: readonly unknown[] = Object.values(input);
  return settings.length > 0 && settings.every((each) => typeof each === 'object' && each !== null);
}

/** Items of the vocabulary that is the only input; null where it is something else. */
export function itemsOf(input: ModelInput | NamedInputs): number | null {
  return !isNamed(input) && 'vocabulary' in input ? input.vocabulary : null;
}

/** How many features the only input has; null where it is something else. */
export function featuresOf(input: ModelInput | NamedInputs): number | null {
  return !isNamed(input) && 'features' in input ? input.features : null;
}
