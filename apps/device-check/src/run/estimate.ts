import type { CaseOutcome } from '@tempograd/conformance';

/** How far one backend is. */
export interface Share {
  /** How many cases it has, or may have. */
  readonly planned: number;
  readonly outcomes: readonly Pick<CaseOutcome, 'name' | 'dtype' | 'milliseconds'>[];
}

/**
 * Milliseconds that are left; null before anything is known. Cases differ a thousandfold, and mostly alike on every backend: so a
 * backend is expected to take, for the cases that another has run already, as many times longer as it has taken so far. Where
 * no other has, a case takes what the others took on average.
 */
export function estimateLeft(shares: readonly Share[]): number | null {
  const run = shares.filter(({ outcomes }) => outcomes.length > 0);
  const model = run.reduce<Share | null>(
    (most, each) => (most && most.outcomes.length >= each.outcomes.length ? most : each),
    null,
  );
  if (model === null) return null;
  const costs = new Map(model.outcomes.map((outcome) => [idOf(outcome), outcome.milliseconds]));
  const total = sum(model.outcomes);
  const average = total / model.outcomes.length;
  const costOf = (outcome: Share['outcomes'][number]): number => costs.get(idOf(outcome)) ?? average;
  const paces = run.map(({ outcomes }) =>
    ratio(
      sum(outcomes),
      outcomes.map(costOf).reduce((a, b) => a + b, 0),
    ),
  );
  const usual = paces.reduce((a, b) => a + b, 0) / paces.length;
  return shares
    .map((share) => {
      const pace = paces[run.indexOf(share)] ?? usual;
      const whole = total + average * (share.planned - model.outcomes.length);
      const done = share.outcomes.map(costOf).reduce((a, b) => a + b, 0);
      return share.outcomes.length >= share.planned ? 0 : pace * Math.max(0, whole - done);
    })
    .reduce((a, b) => a + b, 0);
}

function idOf({ name, dtype }: { readonly name: string; readonly dtype: string }): string {
  return `${dtype} ${name}`;
}

function sum(outcomes: Share['outcomes']): number {
  return outcomes.reduce((total, { milliseconds }) => total + milliseconds, 0);
}

function ratio(taken: number, cost: number): number {
  return cost > 0 ? taken / cost : 1;
}
