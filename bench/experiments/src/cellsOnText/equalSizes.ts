import { charModel, type CharModelConfig } from '@tempograd/nn';
import { parameterCount } from '../parameterCount.js';

/** The cells that are compared. */
export const cells = ['lstm', 'gru', 'rnnTanh'] as const;

/** The hidden size with which a cell has the number of parameters that is nearest to this one. */
export function hiddenFor(parameters: number, config: Omit<CharModelConfig, 'hidden'>): number {
  const of = (size: number): number => parameterCount(charModel({ ...config, hidden: size }));
  let hidden = 1;
  while (of(hidden + 1) <= parameters) hidden++;
  return parameters - of(hidden) <= of(hidden + 1) - parameters ? hidden : hidden + 1;
}
