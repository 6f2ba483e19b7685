import { ArgumentError } from '@tempograd/core';

/**
 * The same training, which tells whoever awaits it that it must be iterated over: awaiting would begin nothing, and the parameters
 * would stay untrained without a word.
 */
export function notAwaited<T extends object>(training: T): T {
  // oxlint-disable-next-line unicorn/no-thenable -- That it may be awaited by accident is why it is here.
  return Object.defineProperty(training, 'then', {
    value: (_resolve: unknown, reject?: (error: unknown) => void): void => {
      const error = new ArgumentError(
        'fit: a training is iterated over, not awaited: for await (const step of fit({ … })) { … }. Nothing has been trained. An async ' +
          'function that is to hand a training on must wrap it, return { training }, since what it returns is awaited.',
      );
      if (reject === undefined) throw error;
      reject(error);
    },
  });
}
