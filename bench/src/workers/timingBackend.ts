import type { Backend } from '@tempograd/core';
import type { Breakdown } from './Engine.js';

/** What each op of a backend counts as; ops not named are `other ops`. */
const kinds: Readonly<Record<string, string>> = {
  recurrentForward: 'recurrent forward',
  recurrentBackward: 'recurrent backward',
  linearForward: 'head',
  linearBackward: 'head',
  softmaxCrossEntropy: 'loss',
  gather: 'embedding',
  scatterAdd: 'embedding',
  adamSteps: 'optimiser',
  globalNorm: 'optimiser',
  release: 'memory',
  memory: 'memory',
  resetPeak: 'memory',
};

/**
 * A backend that adds up the time its ops take, by kind. What a step takes beyond them is `overhead`: the library's own work
 * between ops.
 */
export function timingBackend(backend: Backend): {
  readonly backend: Backend;
  measure(step: () => void, seconds: number): Breakdown;
} {
  const spent = new Map<string, number>();
  const timed = Object.entries(backend).map(([name, member]: [string, unknown]) => {
    if (typeof member !== 'function') return [name, member];
    const kind = kinds[name] ?? 'other ops';
    return [
      name,
      (...args: unknown[]): unknown => {
        const start = performance.now();
        const result: unknown = member.apply(backend, args);
        spent.set(kind, (spent.get(kind) ?? 0) + performance.now() - start);
        return result;
      },
    ];
  });
  return {
    backend: Object.fromEntries(timed) as Backend,
    measure(step, seconds) {
      step();
      step();
      spent.clear();
      const start = performance.now();
      let steps = 0;
      do {
        step();
        steps++;
      } while (performance.now() < start + seconds * 1000);
      const total = (performance.now() - start) / 1000 / steps;
      const parts = Object.fromEntries([...spent].map(([kind, time]) => [kind, time / 1000 / steps]));
      const overhead = total - Object.values(parts).reduce((sum, part) => sum + part, 0);
      return { step: total, parts: { ...parts, overhead } };
    },
  };
}
