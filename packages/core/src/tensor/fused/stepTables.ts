import {
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
import type { OptimiserControls } from './optimiserSteps.js';

/** The objects that one rule's step takes. */
interface StepTables {
  readonly moments: OptionTable;
  readonly settings: OptionTable;
}

const number = required('number');
const tensor = required('tensor');
const tensorOrNull = required('tensor or null');

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

/** @throws ArgumentError unless moments, controls and settings have what the rule's step takes, and nothing else. */
export function checkStep(of: string, tables: StepTables, moments: object, controls: object, settings: object): void {
  checkOptions(of, moments, tables.moments, 'moments');
  checkOptions(of, controls, controlsTable, 'controls');
  checkOptions(of, settings, tables.settings, 'settings');
}
