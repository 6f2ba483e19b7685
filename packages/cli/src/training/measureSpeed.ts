import { fit, type FitOptions } from '@tempograd/nn';

/** Updates that are taken at least. */
const leastUpdates = 4;

/**
 * Updates a second, from some seconds of training `params`, which are spoilt by it. The median of the later half: the first
 * updates are slow, and others may use the machine now and then.
 */
export async function measureSpeed<P, C, S, O>(
  options: Pick<
    FitOptions<P, C, S, O>,
    'task' | 'params' | 'data' | 'strategy' | 'optimiser' | 'clip' | 'key' | 'signal'
  >,
  seconds = 3,
): Promise<number> {
  const times: number[] = [];
  const begin = performance.now();
  let last = begin;
  for await (const { update } of fit({ ...options, updates: 100_000 })) {
    const now = performance.now();
    times.push(now - last);
    last = now;
    if (update >= leastUpdates && now - begin > seconds * 1000) break;
  }
  const later = times.slice(Math.floor(times.length / 2)).sort((a, b) => a - b);
  return 1000 / (later[Math.floor(later.length / 2)] ?? Infinity);
}
