import type { Attack, Failure } from './Attack.js';

/** An attack and how many of it. */
export interface Order {
  readonly attack: Attack;
  /** `Infinity` for as many as there is time for. */
  readonly count: number;
}

/** When to stop, and whom to tell. */
export interface RunSettings {
  /** Number of the first of each. */
  readonly from: number;
  /** No part is begun after so many. */
  readonly milliseconds: number;
  readonly onProgress: (done: readonly { readonly name: string; readonly done: number }[]) => void;
  readonly onFailure: (failure: Failure) => void;
}

/** What came of one attack. */
export interface Outcome {
  readonly name: string;
  readonly done: number;
  readonly failures: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Does what was ordered, part by part in turns, until all is done or the time is over. */
export async function runAttacks(orders: readonly Order[], settings: RunSettings): Promise<Outcome[]> {
  const { from, milliseconds, onProgress, onFailure } = settings;
  const end = performance.now() + milliseconds;
  const outcomes = orders.map(({ attack }) => ({
    name: attack.name,
    done: 0,
    failures: 0,
    counts: {} as Record<string, number>,
  }));
  for (let open = true; open;) {
    open = false;
    for (const [index, { attack, count }] of orders.entries()) {
      const outcome = outcomes[index] as (typeof outcomes)[number];
      const part = Math.min(attack.part, count - outcome.done);
      if (part <= 0 || performance.now() >= end) continue;
      const { failures, counts } = await attack.run(from + outcome.done, part);
      outcome.done += part;
      outcome.failures += failures.length;
      for (const [what, number] of Object.entries(counts)) outcome.counts[what] = (outcome.counts[what] ?? 0) + number;
      failures.forEach(onFailure);
      onProgress(outcomes);
      open = true;
    }
  }
  return outcomes;
}
