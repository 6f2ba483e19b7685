import { disposeTree } from '@tempograd/core';
import type { DataStretch } from '../data/index.js';
import type { StopSignal } from './StopSignal.js';

/** The next stretch, or null as soon as the signal aborts, so that a source that waits does not hold training up. */
export async function nextUnlessAborted<S>(
  stretches: AsyncIterator<DataStretch<S>>,
  signal: StopSignal | undefined,
): Promise<IteratorResult<DataStretch<S>> | null> {
  const next = stretches.next();
  if (signal === undefined) return next;
  let stop = (): void => undefined;
  const aborted = new Promise<null>((resolve) => {
    stop = () => resolve(null);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    const result = await Promise.race([next, aborted]);
    if (result === null) disposeLater(next);
    return result;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Disposes of a stretch that nobody waits for any more, when it comes. */
export function disposeLater<S>(next: Promise<IteratorResult<DataStretch<S>> | null>): void {
  void (async () => {
    // What went wrong with it is nobody's concern any more either.
    const result = await next.catch(() => null);
    if (result !== null && result.done !== true) disposeTree(result.value.stretch);
  })();
}
