import { ArgumentError, faultOfShares, requireShares, ShapeError, Tensor, type SharesNaming } from '@tempograd/core';
import { DTypeError, formatShape, sameShape, type Shape } from '@tempograd/core/backend';
import { countElements, countTargets, meanSquaredError } from '../loss/index.js';
import { summedBinaryCrossEntropy } from '../loss/binaryCrossEntropy.js';
import { summedCrossEntropy } from '../loss/crossEntropy.js';
import { faultOfClasses, requireClasses } from '../loss/requireClasses.js';
import { withoutIgnored } from '../loss/valid.js';
import type { Scored } from '../metrics/index.js';
import type { ResolvedConfig } from './config.js';
import { countedSteps, type CountedSteps } from './countedSteps.js';
import type { ModelInput, NamedInputs } from './ModelInput.js';

/** What a model's outputs are compared with: targets, and i32 `[time, batch]`, where it is 0 nothing counts. */
export interface Labels {
  readonly targets: Tensor;
  readonly mask: Tensor | null;
}

/** A model's loss. Predictions are `[time, batch, outputs]`. */
export interface ModelLoss {
  /** Refuses labels that do not fit predictions of this shape; `from` is the step of the sequence that the first of them belongs to. */
  require(shape: Shape, labels: Labels, from: number): void;
  /** The steps that have a loss; null where all are to be computed. */
  counted(labels: Labels): CountedSteps | null;
  /** Of labels that fit. */
  sum(predictions: Tensor, labels: Labels): Tensor;
  /** What is wrong with targets, in words; null where nothing is. */
  faultOf(labels: Labels, from: number): Promise<string | null>;
  /** How many losses there are. */
  count(labels: Labels): Tensor;
  scored(predictions: Tensor, labels: Labels): Scored;
}

/** The loss that a configuration names. */
export function modelLoss(config: ResolvedConfig<ModelInput | NamedInputs>): ModelLoss {
  return config.loss === 'crossEntropy' ? classLoss(config) : numberLoss(config);
}

function classLoss({
  labelSmoothing,
  ignoreIndex,
  classWeights,
  outputs,
}: ResolvedConfig<ModelInput | NamedInputs>): ModelLoss {
  const ignore = ignoreIndex === null ? {} : { ignoreIndex };
  const weights = classWeights === null ? {} : { classWeights };
  const check = (targets: Tensor, steps?: readonly number[]): void =>
    requireTargets(targets, steps, 'classes, i32 [time, batch]', targets?.dtype === 'i32');
  return {
    faultOf: ({ targets, mask }, from) => faultOfClasses('sequenceModel', targets, outputs, { mask, ...ignore, from }),
    require(shape, { targets, mask }, from) {
      check(targets, shape.slice(0, 2));
      requireClasses('sequenceModel', targets, outputs, { mask, ...ignore, from });
    },
    counted: (labels) => countedSteps(labels, { ignoreIndex }),
    sum: (predictions, { targets, mask }) =>
      summedCrossEntropy(predictions, targets, { mask, labelSmoothing, ...ignore, ...weights }),
    count({ targets, mask }) {
      check(targets);
      return countTargets(targets, { mask, ...ignore });
    },
    scored(predictions, { targets, mask }) {
      check(targets, predictions.shape.slice(0, 2));
      return { kind: 'classes', predictions, targets: withoutIgnored(targets, { mask, ...ignore }), mask: null };
    },
  };
}

function numberLoss({ loss, outputs }: ResolvedConfig<ModelInput | NamedInputs>): ModelLoss {
  const isBinary = loss === 'binaryCrossEntropy';
  const naming = (from: number): SharesNaming => ({
    op: 'sequenceModel',
    what: 'target',
    axes: ['step', 'row', 'output'],
    from,
  });
  const check = (targets: Tensor, shape?: readonly number[]): void =>
    requireTargets(targets, shape, `numbers, [time, batch, ${outputs}]`, targets?.dtype !== 'i32');
  return {
    async faultOf({ targets, mask }, from) {
      if (!isBinary) return null;
      const [values, counted] = await Promise.all([targets.read(), mask?.read() ?? null]);
      return faultOfShares(values, targets.shape, naming(from), counted);
    },
    require(shape, { targets, mask }, from) {
      check(targets, shape);
      if (isBinary) requireShares(targets, naming(from), mask);
    },
    counted: (labels) => countedSteps(labels, null),
    sum: (predictions, { targets, mask }) =>
      (isBinary ? summedBinaryCrossEntropy : meanSquaredError)(predictions, targets, { mask }),
    count({ targets, mask }) {
      check(targets);
      return countElements(targets, { mask });
    },
    scored(predictions, { targets, mask }) {
      check(targets, predictions.shape);
      return { kind: isBinary ? 'binary' : 'numbers', predictions, targets, mask };
    },
  };
}

/** What most likely was forgotten, where the targets are of the other kind than the loss. */
function remedy(targets: Tensor, wanted: string): string {
  if (wanted.startsWith('classes') && targets.dtype !== 'i32')
    return " To predict numbers give the model loss: 'meanSquaredError'; classes are whole numbers, of dtype i32.";
  if (wanted.startsWith('numbers') && targets.dtype === 'i32')
    return " To predict classes give the model loss: 'crossEntropy'; where whole numbers are to be predicted as numbers, give sequences() targets: 'numbers'.";
  return '';
}

/** Refuses targets of another shape or kind than the loss compares; a shape left out is not known yet. */
function requireTargets(targets: unknown, shape: readonly number[] | undefined, wanted: string, isKind: boolean): void {
  if (!(targets instanceof Tensor)) {
    const given = targets === undefined || targets === null ? 'has none' : 'has something else there';
    throw new ArgumentError(`sequenceModel: a stretch to learn needs targets, ${wanted}, but the stretch ${given}.`);
  }
  const fits = shape === undefined || sameShape(targets.shape, shape);
  if (fits && isKind) return;
  const message = `sequenceModel: the targets must be ${wanted}${shape ? `, here ${formatShape(shape)}` : ''}, but are ${targets.dtype} ${formatShape(targets.shape)}.${remedy(targets, wanted)}`;
  throw fits ? new DTypeError(message) : new ShapeError(message);
}
