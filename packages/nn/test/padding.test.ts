import {
  fromArray,
  key,
  scope,
  tensor,
  treeEntries,
  valueAndGradWithAux,
  type Key,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import {
  sequenceModel,
  type SequenceModel,
  type SequenceModelConfig,
  type SequenceModelParams,
  type SequenceStretch,
} from '../src/index.js';
import { withFreshBackend } from './support/close.js';

const padding = 2;
const f64 = { dtype: 'f64' } as const;
const i32 = { dtype: 'i32' } as const;

/** `[time, batch]`: the second row has three items, and is padded before one and after the others; the third has none. */
const items = [
  [0, padding, padding],
  [1, 4, padding],
  [3, 0, padding],
  [0, 3, padding],
  [4, padding, padding],
  [1, padding, padding],
];
const nextItems = [...items.slice(1), [0, padding, padding]];
const classes = items.map((row, t) => row.map((_, b) => (t + b) % 3));
const numbers = items.map((row, t) => row.map((_, b) => [t - b, t * b]));
const given = items.map((row, t) => row.map((_, b) => Number(!(t === 2 && b === 0))));
const readMask = items.map((row) => row.map((item) => Number(item !== padding)));

const text = { input: { vocabulary: 5, embedding: 4 }, hidden: 4, outputs: 5 } as const;
const configs: Record<string, SequenceModelConfig> = {
  'a language model': text,
  'gru, two layers, learned carry': { ...text, cell: 'gru', layers: 2, learnedCarry: true },
  bidirectional: { ...text, bidirectional: true },
  'dropout, label smoothing': { ...text, layers: 2, dropout: 0.3, labelSmoothing: 0.2 },
  'a wide vocabulary, looked up step by step': { ...text, input: { vocabulary: 50, embedding: 3 }, outputs: 50 },
  tied: { ...text, tieWeights: true },
  'another class ignored as well': { ...text, ignoreIndex: 3 },
  'a tagger': { ...text, outputs: 3 },
  'a regression': { ...text, outputs: 2, loss: 'meanSquaredError' },
};

function targetsOf({ loss = 'crossEntropy', outputs }: SequenceModelConfig): Tensor {
  if (loss !== 'crossEntropy') return tensor(numbers, f64);
  return tensor(outputs === 3 ? classes : nextItems, i32);
}

function run(model: SequenceModel, params: SequenceModelParams, stretch: SequenceStretch, seed: Key) {
  const context = { from: 0, key: seed };
  const { value, gradient, aux } = valueAndGradWithAux((p: SequenceModelParams) => {
    const { carry, output } = model.forward(p, model.initialCarry(p, 3), stretch, context);
    return { value: model.loss(p, output, stretch, context), aux: { carry, output } };
  })(params);
  return numbersOf({ value, gradient, aux, weight: model.lossWeight(stretch) });
}

function numbersOf(tree: unknown): Record<string, number[]> {
  return Object.fromEntries(treeEntries(tree).map(([path, leaf]) => [path, [...leaf.readSync()]]));
}

const paddingRow = (values: readonly number[], size: number): number[] =>
  values.slice(padding * size, (padding + 1) * size);

describe('paddingIndex', () => {
  withFreshBackend();

  it.each(Object.entries(configs))('%s: as with the mask written out', (_name, config) =>
    scope(() => {
      const padded = sequenceModel({ ...config, paddingIndex: padding });
      const plain = sequenceModel(config);
      const params = padded.init(key(1), f64);
      for (const mask of [null, given]) {
        const stretch = { inputs: tensor(items, i32), targets: targetsOf(config), mask: mask && tensor(mask, i32) };
        const explicit = readMask.map((row, t) => row.map((counts, b) => counts * (mask?.[t]?.[b] ?? 1)));
        // A target that is padding: the mask says it by the loss's own steps alone, so it is made negative, which is not counted.
        const isText = config.loss === undefined && config.outputs !== 3;
        const known = isText
          ? tensor(
              nextItems.map((row) => row.map((item) => (item === padding ? -1 : item))),
              i32,
            )
          : stretch.targets;
        const actual = run(padded, params, stretch, key(7));
        const expected = run(plain, params, { ...stretch, targets: known, mask: tensor(explicit, i32) }, key(7));
        if (config.tieWeights) {
          // The one difference there must be: a tied head would move the row as a class that is never right.
          const name = 'gradient.embedding.weight';
          expect(paddingRow(expected[name] as number[], 4).some((value) => value !== 0)).toBe(true);
          expected[name]?.splice(padding * 4, 4, 0, 0, 0, 0);
        }
        expect(actual).toEqual(expected);
        expect(actual['value']?.[0]).toBeGreaterThan(0);
      }
    }),
  );

  it('starts the row as zeros, which get no gradient', () =>
    scope(() => {
      for (const config of [text, { ...text, tieWeights: true }]) {
        const model = sequenceModel({ ...config, paddingIndex: padding });
        const params = model.init(key(1), f64);
        expect(paddingRow(numbersOf(params)['embedding.weight'] as number[], 4)).toEqual([0, 0, 0, 0]);
        const stretch = { inputs: tensor(items, i32), targets: tensor(nextItems, i32) };
        const gradient = run(model, params, stretch, key(1))['gradient.embedding.weight'] as number[];
        expect(paddingRow(gradient, 4)).toEqual([0, 0, 0, 0]);
      }
    }));

  it('gives a padded sequence the loss and the carry it has without padding', () =>
    scope(() => {
      for (const bidirectional of [false, true]) {
        const model = sequenceModel({ ...text, bidirectional, paddingIndex: padding });
        const params = model.init(key(3), f64);
        const of = (sequence: readonly number[]) =>
          scope(() => {
            const inputs = fromArray(sequence, [sequence.length, 1], i32);
            const targets = fromArray([...sequence.slice(1), padding], [sequence.length, 1], i32);
            const context = { from: 0, key: null };
            const { carry, output } = model.forward(params, model.initialCarry(params), { inputs }, context);
            const stretch = { inputs, targets };
            return numbersOf({
              carry,
              loss: model.loss(params, output, stretch, context),
              n: model.lossWeight(stretch),
            });
          });
        const alone = of([1, 4, 0, 3]);
        expect(alone['n']).toEqual([3]);
        expect(of([1, 4, 0, 3, padding, padding])).toEqual(alone);
      }
    }));

  it('is in the configuration, and made again from it', () =>
    scope(() => {
      const { config } = sequenceModel({ ...text, paddingIndex: padding });
      expect(config.paddingIndex).toBe(padding);
      expect(sequenceModel(config).config).toEqual(config);
      expect(sequenceModel(text).config.paddingIndex).toBeNull();
    }));

  it('is refused where it makes no sense', () => {
    const of = (config: object) => () => sequenceModel(config as SequenceModelConfig);
    expect(of({ ...text, paddingIndex: 5 })).toThrow('paddingIndex 5 is not in the vocabulary; use 0 to 4');
    expect(of({ ...text, paddingIndex: -1 })).toThrow('paddingIndex -1 is not in the vocabulary');
    expect(of({ ...text, paddingIndex: 0.5 })).toThrow('paddingIndex 0.5 is not in the vocabulary');
    expect(of({ input: { features: 2 }, hidden: 2, outputs: 1, paddingIndex: 0 })).toThrow(
      'the input is features; use a mask',
    );
  });
});
