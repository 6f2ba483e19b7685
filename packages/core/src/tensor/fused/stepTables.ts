import {
  ArgumentError,
  checkOptions,
  optionTable,
  required,
  type AdamMoments,
  type AdamSettings,
  type OptionTable,
  type RmspropMoments,
  type RmspropSettings,
  type SgdMoments,
  type SgdSettings,
} from '../../backend/index.js';
import type { Tensor } from '../Tensor.js';
import type { StepsCall } from './checkSteps.js';
import type { OptimiserControls } from './optimiserSteps.js';
import type { OptimiserRule } from './stepRules.js';

/** The objects that one rule's step takes. */
interface StepTables {
  readonly moments: OptionTable;
  readonly settings: OptionTable;
}

const number = required('number');
const tensor = required('tensor');
const tensorOrNull = required('tensor or null');

const list = required('array');
const listOrNull = required('array or null');

/** Of `optimiserSteps`: all lists, and the moments of each rule. */
export const listTables: Readonly<Record<OptimiserRule | 'lists', OptionTable>> = {
  lists: optionTable<StepsCall<OptimiserRule>>({
    parameters: list,
    gradients: list,
    moments: required('object'),
    settings: list,
  }),
  adam: optionTable<AdamMoments<readonly Tensor[]>>({ moment1: list, moment2: list, maxMoment2: listOrNull }),
  sgd: optionTable<SgdMoments<readonly Tensor[]>>({ velocity: listOrNull }),
  rmsprop: optionTable<RmspropMoments<readonly Tensor[]>>({ square: list, velocity: listOrNull, mean: listOrNull }),
};

const controlsTable = optionTable<OptimiserControls>({
  learningRate: required('number or tensor'),
  step: required('number or tensor'),
  scale: 'number or tensor or null',
  guard: 'tensor or null',
});

export const adamTables: StepTables = {
  moments: optionTable<AdamMoments<Tensor>>({ moment1: tensor, moment2: tensor, maxMoment2: tensorOrNull }),
  settings: optionTable<AdamSettings>({
    beta1: number,
    beta2: number,
    epsilon: number,
    weightDecay: number,
    decoupled: required('boolean'),
  }),
};

export const sgdTables: StepTables = {
  moments: optionTable<SgdMoments<Tensor>>({ velocity: tensorOrNull }),
  settings: optionTable<SgdSettings>({ momentum: number, nesterov: required('boolean'), weightDecay: number }),
};

export const rmspropTables: StepTables = {
  moments: optionTable<RmspropMoments<Tensor>>({ square: tensor, velocity: tensorOrNull, mean: tensorOrNull }),
  settings: optionTable<RmspropSettings>({ alpha: number, epsilon: number, momentum: number, weightDecay: number }),
};

/** @throws ArgumentError unless the controls of an update are there, in range, and nothing else. */
export function checkControls(of: string, controls: OptimiserControls): void {
  checkOptions(of, controls, controlsTable, 'controls');
  requireRanges(of, 'controls', controls, controlRanges);
}

/** @throws ArgumentError unless the settings of a rule are there, in range, and nothing else. */
export function checkSettings(of: string, table: OptionTable, settings: object): void {
  checkOptions(of, settings, table, 'settings');
  requireRanges(of, 'settings', settings, settingRanges);
}

/** @throws ArgumentError naming the rules there are. */
export function requireRule(of: string, rule: unknown, rules: readonly string[]): void {
  if (rules.includes(rule as string)) return;
  throw new ArgumentError(`${of}: the rule must be ${rules.join(', ')}, but is ${String(rule)}.`);
}

/** @throws ArgumentError unless the velocity is there exactly when there is momentum. */
export function requireVelocity(of: string, velocity: unknown, momentum: number): void {
  if ((velocity === null) === (momentum === 0)) return;
  throw new ArgumentError(
    `${of}: moments.velocity must be ${momentum === 0 ? 'null where settings.momentum is 0' : `a tensor where settings.momentum is ${momentum}`}.`,
  );
}

interface Range {
  readonly wanted: string;
  holds(value: number): boolean;
}

const fraction: Range = { wanted: 'lie in [0, 1)', holds: (value) => value >= 0 && value < 1 };
const notNegative: Range = {
  wanted: 'be a finite number ≥ 0',
  holds: (value) => value >= 0 && Number.isFinite(value),
};
const finite: Range = { wanted: 'be finite', holds: Number.isFinite };
const ordinal: Range = { wanted: 'be a whole number ≥ 1', holds: (value) => Number.isSafeInteger(value) && value >= 1 };

const controlRanges: Readonly<Record<string, Range>> = { learningRate: finite, step: ordinal, scale: finite };
const settingRanges: Readonly<Record<string, Range>> = {
  beta1: fraction,
  beta2: fraction,
  alpha: fraction,
  momentum: fraction,
  epsilon: notNegative,
  weightDecay: notNegative,
};

/** Numbers alone are held to their ranges: what the device holds is not read back. */
function requireRanges(of: string, path: string, given: object, ranges: Readonly<Record<string, Range>>): void {
  for (const name in ranges) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (typeof value !== 'number') continue;
    const { wanted, holds } = ranges[name] as Range;
    if (!holds(value)) throw new ArgumentError(`${of}: ${path}.${name} must ${wanted}, but is ${value}.`);
  }
}
