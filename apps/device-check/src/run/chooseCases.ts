import { conformanceCases, type ConformanceCase, type Selection } from '@tempograd/conformance';

/** How much of the suite is run. */
export type Scope = 'quick' | 'all';

/**
 * The names of the quick cases: of each op, cell and strategy one of values and one of gradients. That is the one named after the
 * op alone, else the first of the group that most of the op's cases belong to.
 */
export const quickNames: readonly string[] = [...casesOfOps().values()].flatMap((cases) => {
  const sizes = new Map<string, number>();
  for (const { group } of cases) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const ranked = cases.toSorted((a, b) => (sizes.get(b.group) as number) - (sizes.get(a.group) as number));
  return (['value', 'gradient'] as const).flatMap((kind) => {
    const chosen = cases.find(({ op, name }) => name === `${op}: ${kind}`) ?? ranked.find((each) => each.kind === kind);
    return chosen === undefined ? [] : chosen.name;
  });
});

function casesOfOps(): Map<string, ConformanceCase[]> {
  const ops = new Map<string, ConformanceCase[]>();
  for (const each of conformanceCases) ops.set(each.op, [...(ops.get(each.op) ?? []), each]);
  return ops;
}

/** The cases of a scope, of some ops alone where they are given. The quick ones are of f32, which all backends have. */
export function chooseCases(scope: Scope, ops: readonly string[] | null): Selection {
  return {
    ...(scope === 'quick' && { names: quickNames, dtypes: ['f32'] }),
    ...(ops !== null && { ops }),
  };
}

/** About how many cases that are, before a backend says which of them make sense on it. */
export function countCases({ names, ops }: Selection): number {
  return conformanceCases.filter((each) => (names?.includes(each.name) ?? true) && (ops?.includes(each.op) ?? true))
    .length;
}
