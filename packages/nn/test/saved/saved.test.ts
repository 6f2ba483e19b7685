import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assign, currentBackend, disposeTree, full, keep, key, scope } from '@tempograd/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  byteVocabulary,
  characterVocabulary,
  charModel,
  fitScaler,
  generate,
  predictor,
  readModel,
  readSafetensors,
  readTree,
  SafetensorsError,
  sequenceModel,
  tokenizerVocabulary,
  writeModel,
  writeSafetensors,
  type SavedModel,
  type StoredTensor,
  type Tokenizer,
} from '../../src/index.js';
import { loadModel, saveModel } from '../../src/node/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempograd-saved-'));
});
afterAll(() => rm(folder, { recursive: true }));

const letters = characterVocabulary('abcdef');

function lettersModel(): SavedModel {
  const model = charModel({ vocabulary: 6, embedding: 3, hidden: 4, layers: 2 });
  return { model, params: scope(() => keep(model.init(key(1)))), vocabulary: letters };
}

function seriesModel(): SavedModel {
  const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 1, cell: 'gru' });
  const params = scope(() => keep(model.init(key(2))));
  return { model, params, scaler: fitScaler({ co2: [300, 310, 350], rain: [1, 0, 3] }, 'minMax'), targets: 'co2' };
}

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

/** A file as written, with other metadata. */
async function withMetadata(
  saved: SavedModel,
  change: (metadata: Record<string, string>) => Record<string, string | undefined>,
) {
  const { tensors, metadata } = readSafetensors(await writeModel(saved));
  const changed = Object.entries(change({ ...metadata })).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return writeSafetensors(tensors, Object.fromEntries(changed));
}

describe('a saved model', () => {
  test('writes as before, with all that was said of it', async () => {
    const saved = lettersModel();
    const metrics = {
      bits: 1.25,
      confusion: [Float64Array.of(1, 2), Int32Array.of(3)],
      nested: { f1: { macro: 0.5 } },
    };
    const path = join(folder, 'new', 'letters.safetensors');
    await saveModel(path, { ...saved, metrics, metadata: { author: 'é "x"' } });
    const read = await loadModel(path);
    expect(read.model.config).toEqual(saved.model.config);
    expect(read.vocabulary?.toJSON()).toEqual(letters.toJSON());
    expect(read.metrics).toEqual({ bits: 1.25, confusion: [[1, 2], [3]], nested: { f1: { macro: 0.5 } } });
    expect(read.metadata).toEqual({ author: 'é "x"' });
    expect(read.scaler).toBeUndefined();
    expect(await readTree(read.params)).toEqual(await readTree(saved.params));
    const options = { prompt: 'abc', length: 20, key: key(3) };
    expect(await whole(predictor(read.model, read.params, { vocabulary: read.vocabulary }).generate(options))).toBe(
      await whole(generate(saved.model, saved.params, { vocabulary: letters, ...options })),
    );
    expect(await readdir(join(folder, 'new'))).toEqual(['letters.safetensors']);
    disposeTree([saved.params, read.params]);
  });

  test('of a series predicts in its units, as before', async () => {
    const saved = seriesModel();
    const read = readModel(await writeModel(saved));
    expect(read.targets).toBe('co2');
    expect(read.scaler?.toJSON()).toEqual(saved.scaler?.toJSON());
    const predictors = [saved, read].map(({ model, params, scaler, targets }) =>
      predictor(model, params, { scaler, targets }),
    );
    const [one, other] = await Promise.all(
      predictors.map((predict) =>
        predict.run([
          [320, 1],
          [330, 2],
        ]),
      ),
    );
    expect(other).toEqual(one);
    expect(one?.[0]?.[0]).toBeGreaterThan(200);
    predictors.forEach((predict) => predict.reset());
    disposeTree([saved.params, read.params]);
  });

  test('has its tokenizer handed in', async () => {
    const tokenizer: Tokenizer = {
      name: 'halves',
      size: 6,
      encode: (text) => [...text].map((letter) => letter.charCodeAt(0) % 6),
      decode: (ids) => ids.map((id) => 'abcdef'[id]).join(''),
    };
    const saved = { ...lettersModel(), vocabulary: tokenizerVocabulary(tokenizer) };
    const bytes = await writeModel(saved);
    const read = readModel(bytes, { tokenizer });
    expect(read.vocabulary?.decode([1])).toBe('b');
    expect(() => readModel(bytes)).toThrow(/vocabulary cannot be read.*"halves".*Hand it in/);
    expect(() => readModel(bytes, { tokenizer: { ...tokenizer, name: 'thirds' } })).toThrow(/"thirds"/);
    disposeTree([saved.params, read.params]);
  });

  test('replaces the one before as a whole, or not at all', async () => {
    const saved = lettersModel();
    const path = join(folder, 'whole.safetensors');
    await saveModel(path, saved);
    await expect(saveModel(path, { ...saved, vocabulary: byteVocabulary() })).rejects.toThrow(/reads 6 items.*has 256/);
    scope(() => assign(saved.params.head.bias, full([6], NaN)));
    await expect(saveModel(path, saved)).rejects.toThrow(/"head.bias" holds NaN at index 0.*diverged/);
    const read = await loadModel(path);
    expect(read.vocabulary?.size).toBe(6);
    disposeTree([saved.params, read.params]);
  });
});

describe('saving is refused', () => {
  test('of what does not belong together', async () => {
    const text = lettersModel();
    const series = seriesModel();
    await expect(writeModel({ ...text, scaler: series.scaler })).rejects.toThrow(/reads items, but the scaler has 2/);
    await expect(writeModel({ ...series, targets: ['co2', 'rain'] })).rejects.toThrow(/predicts 1 numbers.*2 channels/);
    await expect(writeModel({ ...series, targets: 'sun' })).rejects.toThrow(/no "sun"/);
    const days = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 4 });
    const ahead = { model: days, params: days.init(key(3)), scaler: series.scaler };
    await expect(writeModel(ahead)).rejects.toThrow(/^writeModel: the 4 numbers .* may be 2 steps of all 2 channels/);
    await expect(writeModel({ ...ahead, targets: 'co2' })).resolves.toBeInstanceOf(Uint8Array);
    disposeTree(ahead.params);
    await expect(writeModel({ ...series, scaler: undefined })).rejects.toThrow(/targets are channels of a scaler/);
    await expect(writeModel({ ...text, metadata: { config: 'x' } })).rejects.toThrow(/"config", which the file needs/);
    await expect(writeModel({ ...text, metadata: { 'tempograd.x': 'x' } })).rejects.toThrow(/"tempograd.x"/);
    await expect(writeModel({ ...text, metadata: { n: 1 as never } })).rejects.toThrow(/takes strings alone/);
    await expect(writeModel({ ...text, model: 1 as never })).rejects.toThrow(/model must be a model/);
    disposeTree([text.params, series.params]);
  });
});

test('a file that leaves unsaid which channels are predicted is read, and can be written anew', async () => {
  const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 4 });
  const params = scope(() => keep(model.init(key(3))));
  const scaler = fitScaler({ co2: [300, 310, 350], rain: [1, 0, 3] });
  const bytes = await withMetadata({ model, params, scaler, targets: 'co2' }, ({ targets: _, ...rest }) => rest);
  const read = readModel(bytes);
  expect(() => predictor(read.model, read.params, { scaler: read.scaler })).toThrow(/Say which channels are predicted/);
  const again = readModel(await writeModel({ ...read, targets: 'rain' }));
  expect(again.targets).toBe('rain');
  disposeTree([params, read.params, again.params]);
});

test('a classifier is saved with the scaler of what it reads', async () => {
  const model = sequenceModel({ input: { features: 2 }, hidden: 3, outputs: 3, loss: 'crossEntropy' });
  const params = scope(() => keep(model.init(key(3))));
  const scaler = fitScaler({ heat: [20, 60, 30], noise: [1, 9, 5] });
  const read = readModel(await writeModel({ model, params, scaler }));
  expect(read.scaler?.toJSON()).toEqual(scaler.toJSON());
  await expect(writeModel({ model, params, scaler, targets: 'heat' })).rejects.toThrow(/Leave them out/);
  disposeTree([params, read.params]);
});

describe('reading refuses, in words and without a buffer left', () => {
  test.each<[string, (metadata: Record<string, string>) => Record<string, string | undefined>, RegExp]>([
    ['a checkpoint', (all) => ({ ...all, 'tempograd.training': '{}' }), /no model but a checkpoint.*Go on with it/],
    ['another kind', (all) => ({ ...all, 'tempograd.format': 'model-9' }), /kind "model-9".*newer/],
    ['tensors alone', () => ({}), /no model: its metadata have no "config"/],
    ['a configuration of nonsense', (all) => ({ ...all, config: '{"hidden":' }), /configuration cannot be used/],
    [
      'a configuration of another model',
      (all) => ({ ...all, config: (all['config'] as string).replace('"hidden":4', '"hidden":5') }),
      /does not match its own configuration/,
    ],
    [
      'another vocabulary',
      (all) => ({ ...all, vocabulary: '{"kind":"bytes"}' }),
      /reads 6 items, but the vocabulary has 256/,
    ],
    [
      'a vocabulary of nonsense',
      (all) => ({ ...all, vocabulary: '{"kind":"runes"}' }),
      /vocabulary cannot be read.*"runes"/,
    ],
    ['a scaler of nonsense', (all) => ({ ...all, scaler: '{}' }), /scaler cannot be read/],
    [
      'a scaler that does not fit',
      (all) => ({ ...all, scaler: JSON.stringify(fitScaler([1, 2]).toJSON()) }),
      /does not match itself: the model reads items/,
    ],
    ['targets of nonsense', (all) => ({ ...all, targets: '[]' }), /targets cannot be read/],
    ['targets without a scaler', (all) => ({ ...all, targets: '"x"' }), /targets are channels/],
    ['metrics of nonsense', (all) => ({ ...all, metrics: '3' }), /metrics cannot be read/],
    ['metrics nested without end', (all) => ({ ...all, metrics: '['.repeat(1e5) }), /nested more than 20 deep/],
  ])('%s', async (_, change, message) => {
    const saved = lettersModel();
    const bytes = await withMetadata(saved, change);
    const before = currentBackend().memory().buffers;
    expect(() => readModel(bytes)).toThrow(SafetensorsError);
    expect(() => readModel(bytes)).toThrow(message);
    expect(currentBackend().memory().buffers).toBe(before);
    disposeTree(saved.params);
  });

  test('a damaged file, at any place, and one cut off', async () => {
    const saved = lettersModel();
    const bytes = await writeModel(saved);
    const before = currentBackend().memory().buffers;
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] as number) ^ 0x41;
      expect(() => readModel(damaged), `byte ${at}`).toThrow(SafetensorsError);
      expect(() => readModel(bytes.slice(0, at)), `cut at ${at}`).toThrow(SafetensorsError);
    }
    expect(currentBackend().memory().buffers).toBe(before);
    const path = join(folder, 'damaged.safetensors');
    await writeFile(path, bytes.slice(0, 100));
    await expect(loadModel(path)).rejects.toThrow(/damaged\.safetensors: .*cut off/);
    await writeFile(path, '');
    await expect(loadModel(path)).rejects.toThrow(SafetensorsError);
    await expect(loadModel(join(folder, 'none'))).rejects.toThrow(/ENOENT/);
    disposeTree(saved.params);
  });

  test('parameters that are NaN, unless asked for as they are', async () => {
    const saved = lettersModel();
    const { tensors, metadata } = readSafetensors(await writeModel(saved));
    const { data } = tensors.get('rnn.weight_hh_l1') as StoredTensor;
    data[5] = Infinity;
    const bytes = writeSafetensors(tensors, metadata);
    expect(() => readModel(bytes)).toThrow(/spoilt: "rnn.weight_hh_l1" holds Infinity at index 5/);
    const { params } = readModel(bytes, { verify: false });
    disposeTree([params, saved.params]);
  });
});
