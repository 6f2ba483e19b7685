import {
  add,
  fromArray,
  fullBptt,
  key,
  scope,
  slice,
  sliceAxis,
  tensor,
  treeEntries,
  treeMap,
  treeZip,
  truncatedBptt,
  valueAndGrad,
  zeros,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import {
  lengthsToMask,
  sequenceModel,
  type SequenceModel,
  type SequenceModelConfig,
  type SequenceModelParams,
  type SequenceStretch,
} from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';

const f64 = { dtype: 'f64' } as const;
const i32 = { dtype: 'i32' } as const;
const time = 9;
const lengths = [9, 4, 1, 6];
const batch = lengths.length;

const config = { input: { features: 2 }, hidden: 3, outputs: 4 } as const;
const models: Record<string, SequenceModelConfig> = {
  classes: { ...config, loss: 'crossEntropy', layers: 2 },
  'classes, gru, learned carry, smoothing': {
    ...config,
    loss: 'crossEntropy',
    cell: 'gru',
    learnedCarry: true,
    labelSmoothing: 0.2,
  },
  numbers: { ...config, outputs: 2, loss: 'meanSquaredError' },
  'yes or no': { ...config, outputs: 2, loss: 'binaryCrossEntropy' },
};

/** Numbers of one row, and what they are labelled with. */
const valueAt = (row: number, t: number, at: number): number => Math.sin(1 + row * 31 + t * 7 + at * 3);
const classOf = (row: number): number => row % 4;
const numberOf = (row: number, at: number): number => ((row + at) % 3) / 2;

/** Padded at the right: everything at padding is what must not be looked at. */
function padded({ loss }: SequenceModelConfig): SequenceStretch {
  const at = <T>(fill: (row: number, t: number) => T): T[][] =>
    Array.from({ length: time }, (_, t) => lengths.map((_length, row) => fill(row, t)));
  const isLast = (row: number, t: number): boolean => t === (lengths[row] as number) - 1;
  const junk = (row: number, t: number): boolean => t >= (lengths[row] as number);
  return {
    inputs: tensor(
      at((row, t) => [0, 1].map((index) => (junk(row, t) ? NaN : valueAt(row, t, index)))),
      f64,
    ),
    targets:
      loss === 'crossEntropy'
        ? tensor(
            at((row) => classOf(row)),
            i32,
          )
        : tensor(
            at((row, t) => [0, 1].map((index) => (isLast(row, t) ? numberOf(row, index) : NaN))),
            f64,
          ),
    mask: lengthsToMask(lengths, time),
    lossMask: tensor(
      at((row, t) => Number(isLast(row, t))),
      i32,
    ),
  };
}

/** A row alone, without padding and without masks; the loss is that of its last step. */
function rowAlone({ loss }: SequenceModelConfig, row: number) {
  const length = lengths[row] as number;
  const inputs = fromArray(
    Array.from({ length: length * 2 }, (_, index) => valueAt(row, index >> 1, index % 2)),
    [length, 1, 2],
    f64,
  );
  const targets =
    loss === 'crossEntropy'
      ? fromArray([classOf(row)], [1, 1], i32)
      : fromArray([numberOf(row, 0), numberOf(row, 1)], [1, 1, 2], f64);
  return { inputs, last: { inputs: sliceAxis(inputs, length - 1, length), targets } };
}

function rowsAlone(model: SequenceModel, params: SequenceModelParams) {
  const context = { from: 0, key: null };
  return valueAndGrad((p: SequenceModelParams) =>
    lengths
      .map((length, row) => {
        const { inputs, last } = rowAlone(model.config, row);
        const { output } = model.forward(p, model.initialCarry(p, 1), { inputs }, context);
        return model.loss(p, sliceAxis(output, length - 1, length), last, context);
      })
      .reduce((sum, loss) => add(sum, loss)),
  )(params);
}

/** Sums of losses and gradients over all updates, stretches of so many steps after one another. */
function trained(
  strategy: Strategy,
  model: SequenceModel,
  params: SequenceModelParams,
  stretch: SequenceStretch,
  steps: number,
): { loss: number; gradient: SequenceModelParams } {
  const run = strategy.start(model, { key: null });
  let loss = 0;
  let total = scope(() => treeMap(params, (leaf) => zeros(leaf.shape, f64)));
  const take = (updates: ReturnType<typeof run.push>): void => {
    for (const update of updates) {
      loss += update.loss.readSync()[0] as number;
      total = treeZip(total, update.gradient, add);
    }
  };
  for (let from = 0; from < time; from += steps) {
    const part = treeMap(stretch, (leaf) => sliceAxis(leaf, from, Math.min(time, from + steps)));
    take(run.push(params, part));
  }
  take(run.finish(params));
  run.dispose();
  return { loss, gradient: total };
}

describe('lossMask', () => {
  withFreshBackend();

  for (const [name, settings] of Object.entries(models)) {
    it(`${name}: a label at the last valid step of each row, however the data is cut`, () =>
      scope(() => {
        const model = sequenceModel(settings);
        const params = model.init(key(1), f64);
        const stretch = padded(settings);
        const wanted = rowsAlone(model, params);
        const perRow = settings.loss === 'crossEntropy' ? 1 : 2;
        expect([...model.lossWeight(stretch).readSync()]).toEqual([batch * perRow]);
        const wantedLeaves = Object.fromEntries(treeEntries(wanted.gradient));
        for (const steps of [1, 2, 4, 9]) {
          for (const strategy of [
            truncatedBptt({ updateEvery: 2, backwardSteps: 12 }),
            truncatedBptt({ updateEvery: 3, backwardSteps: 9 }),
            fullBptt(),
          ]) {
            const { loss, gradient } = trained(strategy, model, params, stretch, steps);
            expect(loss).toBeCloseTo(wanted.value.readSync()[0] as number, 12);
            for (const [path, leaf] of treeEntries(gradient)) {
              expectClose(leaf, (wantedLeaves[path] as Tensor).readSync(), 1e-12, `${strategy.name} ${steps} ${path}`);
            }
          }
        }
      }));
  }

  it('truncation cuts the recurrence alone: the readout learns each label in the update that reaches it', () =>
    scope(() => {
      const model = sequenceModel(models['classes'] as SequenceModelConfig);
      const params = model.init(key(1), f64);
      const wanted = rowsAlone(model, params).gradient.head;
      const strategy = truncatedBptt({ updateEvery: 2, backwardSteps: 2 });
      const { gradient } = trained(strategy, model, params, padded(model.config), 3);
      expectClose(gradient.head.weight as Tensor, (wanted.weight as Tensor).readSync(), 1e-12, 'weight');
      expectClose(gradient.head.bias, wanted.bias.readSync(), 1e-12, 'bias');
    }));

  it('leaves the carry at the last valid step', () =>
    scope(() => {
      const model = sequenceModel({ ...config, cell: 'gru' });
      const params = model.init(key(1), f64);
      const context = { from: 0, key: null };
      const { carry } = model.forward(params, model.initialCarry(params, batch), padded(model.config), context);
      lengths.forEach((_, row) => {
        const { inputs } = rowAlone(model.config, row);
        const alone = model.forward(params, model.initialCarry(params, 1), { inputs }, context).carry as Tensor;
        const own = slice(carry as Tensor, [0, row, 0], [1, 1, 3]);
        expectClose(own, alone.readSync(), 1e-14, `row ${row}`);
      });
    }));

  it('counts nothing at a masked step, nor where nothing counts', () =>
    scope(() => {
      const model = sequenceModel(models['numbers'] as SequenceModelConfig);
      const params = model.init(key(1), f64);
      const stretch = padded(model.config);
      const nothing = { ...stretch, lossMask: fromArray(new Int32Array(time * batch), [time, batch], i32) };
      expect([...model.lossWeight(nothing).readSync()]).toEqual([0]);
      const { loss, gradient } = trained(fullBptt(), model, params, nothing, time);
      expect(loss).toBe(0);
      for (const [path, leaf] of treeEntries(gradient)) {
        expect(
          [...leaf.readSync()].every((value) => value === 0),
          path,
        ).toBe(true);
      }
      const everywhere = { ...stretch, lossMask: fromArray(new Int32Array(time * batch).fill(1), [time, batch], i32) };
      expect([...model.lossWeight(everywhere).readSync()]).toEqual([2 * (9 + 4 + 1 + 6)]);
    }));

  it('must be shaped like the mask', () =>
    scope(() => {
      const model = sequenceModel(config);
      const stretch = { ...padded(model.config), lossMask: lengthsToMask([1, 1], time) };
      expect(() => model.lossWeight(stretch)).toThrow('lossMask [9, 2] must be [time, batch] as the mask is, [9, 4]');
    }));
});
