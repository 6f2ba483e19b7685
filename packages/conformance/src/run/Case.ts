import type { PathTaken } from '@tempograd/core';
import type { Backend, FloatDType, FusedFamily } from '@tempograd/core/backend';
import { Check } from '../check/Check.js';
import type { Precision } from '../check/halfStorage.js';
import type { Kit } from './Kit.js';

/** The groups of cases, in the order they run: each stands on those before it. */
export const groups = [
  'contract',
  'elementwise',
  'compareSelect',
  'literals',
  'layout',
  'rows',
  'cast',
  'reduce',
  'matmul',
  'broadcasting',
  'edgeShapes',
  'edgeGradients',
  'views',
  'nonFinite',
  'saturation',
  'largeSizes',
  'nesting',
  'batching',
  'functions',
  'random',
  'fused',
  'recurrent',
  'cells',
  'scan',
  'strategies',
  'credit',
  'optimisers',
  'badInput',
  'memory',
  'properties',
  'paths',
] as const;
/** What a case is about: one of `groups`. */
export type Group = (typeof groups)[number];

/** What a case looks at. */
export type CaseKind = 'value' | 'gradient' | 'jvp' | 'memory' | 'path';

/** What must be there for a case to make sense; a case whose needs are not met is left out, not skipped. */
export interface Requirements {
  /** The float dtypes it runs in; default is all that the backend has. */
  readonly dtypes?: readonly FloatDType[];
  /** A fused family of the backend. */
  readonly family?: FusedFamily;
  /** A capability that is true. */
  readonly capability?: 'syncRead' | 'views';
}

/**
 * How gradients are held to finite differences: along a direction of each float input by itself, or along one of all inputs
 * together, which takes a share of the calls and sees an error in any of them beside the norm of all.
 */
export type Differences = 'per input' | 'jointly';

export const differencesKinds: readonly Differences[] = ['per input', 'jointly'];

/** What a case runs on. */
export interface CaseContext {
  /** The backend under test. */
  readonly backend: Backend;
  /** A trusted backend with f64. */
  readonly oracle: Backend;
  readonly dtype: FloatDType;
  /** What the backend promises of f32. */
  readonly precision: Precision;
  /** How gradients are held to finite differences. */
  readonly differences: Differences;
  /** Makes the same numbers again. */
  readonly seed: number;
  /** The fused families the backend has. */
  readonly families: readonly FusedFamily[];
  /** Cells and strategies under test. */
  readonly kit: Kit;
}

/** What a case measured. */
export interface Measured {
  /** The error that came closest to its tolerance, or went furthest beyond. */
  readonly error: number;
  /** The tolerance of that error. */
  readonly tolerance: number;
  /** Why the tolerance is this one; null where no numbers were compared. */
  readonly reason: string | null;
  /** Which path ops with two paths took. */
  readonly paths: readonly PathTaken[];
}

/** One thing that a backend must get right: a plain object, free of any test runner. */
export interface ConformanceCase {
  /** Unique, `matmul: gradient, second transposed`. */
  readonly name: string;
  readonly group: Group;
  /** The op, cell or strategy it speaks of: its row in the report. */
  readonly op: string;
  readonly kind: CaseKind;
  readonly requires: Requirements;
  /** Whether a backend may deviate from it for a reason; values and gradients on ordinary inputs may not. */
  readonly mayDeviate: boolean;
  /** @throws ConformanceError when the backend is wrong. */
  run(context: CaseContext): Promise<Measured>;
}

/** What `defineCase` needs beside the body. */
export type CaseSpec = Pick<ConformanceCase, 'name' | 'group' | 'op' | 'kind'> &
  Partial<Pick<ConformanceCase, 'requires' | 'mayDeviate'>>;

/** A case from what it is about and what it does. */
export function defineCase(spec: CaseSpec, body: (check: Check) => Promise<void> | void): ConformanceCase {
  return {
    requires: {},
    mayDeviate: false,
    ...spec,
    async run(context) {
      const check = new Check(context, spec.name);
      await body(check);
      return check.measured();
    },
  };
}
