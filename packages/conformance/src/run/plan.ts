import { ArgumentError } from '@tempograd/core';
import {
  checkOptions,
  fusedFamilies,
  optionTable,
  type Backend,
  type FloatDType,
  type FusedFamily,
} from '@tempograd/core/backend';
import type { CaseKind, ConformanceCase, Group } from './Case.js';
import { checkDeviations, type Deviation } from './deviations.js';

/** Which cases to run; nothing given means all. */
export interface Selection {
  readonly groups?: readonly Group[];
  readonly ops?: readonly string[];
  readonly kinds?: readonly CaseKind[];
  readonly dtypes?: readonly FloatDType[];
  /** Full names of cases. */
  readonly names?: readonly string[];
}

/** One run of a case to be: in which dtype, and whether the backend deviates from it. */
export interface PlannedCase {
  readonly test: ConformanceCase;
  readonly dtype: FloatDType;
  readonly deviation: Deviation | null;
}

const selectionTable = optionTable<Selection>({
  groups: 'array',
  ops: 'array',
  kinds: 'array',
  dtypes: 'array',
  names: 'array',
});

/**
 * The cases that a backend must pass, once for each of its float dtypes.
 * @throws ArgumentError for a selection that chooses nothing, and for deviations that are not allowed.
 */
export function plan(
  cases: readonly ConformanceCase[],
  backend: Backend,
  deviations: readonly Deviation[],
  only: Selection = {},
): PlannedCase[] {
  checkOptions('only', only, selectionTable);
  checkDeviations(cases, deviations);
  const dtypes = (['f32', 'f64'] as const).filter((dtype) => backend.capabilities.dtypes.includes(dtype));
  const chosen = cases.filter((test) => isChosen(test, only) && isMeaningful(test, backend));
  const planned = dtypes
    .filter((dtype) => only.dtypes?.includes(dtype) ?? true)
    .flatMap((dtype) =>
      chosen
        .filter((test) => test.requires.dtypes?.includes(dtype) ?? true)
        .map((test) => ({ test, dtype, deviation: deviations.find(({ case: name }) => name === test.name) ?? null })),
    );
  if (planned.length === 0) {
    throw new ArgumentError(
      `only: ${JSON.stringify(only)} chooses no case of the suite that fits ${backend.name}; see conformanceCases for names.`,
    );
  }
  return planned;
}

/** The fused families that a backend has. */
export function familiesOf(backend: Backend): FusedFamily[] {
  return (Object.keys(fusedFamilies) as FusedFamily[]).filter(
    (family) => backend[fusedFamilies[family][0]] !== undefined,
  );
}

function isChosen(test: ConformanceCase, { groups, ops, kinds, names }: Selection): boolean {
  return (
    (groups?.includes(test.group) ?? true) &&
    (ops?.includes(test.op) ?? true) &&
    (kinds?.includes(test.kind) ?? true) &&
    (names?.includes(test.name) ?? true)
  );
}

function isMeaningful({ requires }: ConformanceCase, backend: Backend): boolean {
  const { family, capability } = requires;
  if (family !== undefined && backend[fusedFamilies[family][0]] === undefined) return false;
  return capability === undefined || backend.capabilities[capability] === true;
}
