import { assign, disposeTree, full, keep, key, scope, treeLeaves, truncatedBptt } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  adam,
  byteVocabulary,
  characterVocabulary,
  charModel,
  contiguousStreams,
  DataError,
  fit,
  generate,
  type GenerateOptions,
  type SequenceModel,
  type SequenceModelParams,
  type Vocabulary,
} from '../../src/index.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

const text = 'abcdé'.repeat(60);

/** A model that has learnt to go round and round in the text. */
async function trained(vocabulary: Vocabulary): Promise<{ model: SequenceModel; params: SequenceModelParams }> {
  const model = charModel({ vocabulary: vocabulary.size, embedding: 6, hidden: 12, dropout: 0.05 });
  const params = scope(() => keep(model.init(key(1))));
  const data = contiguousStreams(text, { vocabulary, batch: 4, steps: 10 });
  const strategy = truncatedBptt({ updateEvery: 10 });
  const optimiser = adam({ learningRate: 0.03 });
  for await (const _ of fit({ task: model, params, data, strategy, optimiser, epochs: 20 }));
  return { model, params };
}

async function collect(
  { model, params }: { model: SequenceModel; params: SequenceModelParams },
  options: GenerateOptions,
): Promise<string[]> {
  const given: string[] = [];
  for await (const piece of generate(model, params, options)) given.push(piece);
  return given;
}

describe('generate', () => {
  test('goes on from a prompt, one character at a time, as the model has learnt', async () => {
    const vocabulary = characterVocabulary(text);
    const model = await trained(vocabulary);
    const expected = [...'déabcdéabc'];
    expect(await collect(model, { vocabulary, prompt: 'abc', length: 10, temperature: 0 })).toEqual(expected);
    expect(await collect(model, { vocabulary, prompt: 'abc', length: 10, temperature: 0.1, key: key(5) })).toEqual(
      expected,
    );
    const topOne = { vocabulary, prompt: 'abc', length: 10, temperature: 100, topK: 1 };
    expect(await collect(model, topOne)).toEqual(expected);
    disposeTree(model.params);
  });

  test('gives whole characters from bytes', async () => {
    const vocabulary = byteVocabulary();
    const model = await trained(vocabulary);
    const given = await collect(model, { vocabulary, prompt: 'abcd', length: 8, temperature: 0 });
    expect(given).toEqual([...'éabcdé']);
    disposeTree(model.params);
  });

  test('draws the same for the same key, and by the odds the temperature sets', async () => {
    const vocabulary = characterVocabulary('ab');
    const model = charModel({ vocabulary: 2, embedding: 2, hidden: 2 });
    const params = scope(() => keep(model.init(key(1))));
    const make = (options: Partial<GenerateOptions>): Promise<string[]> =>
      collect({ model, params }, { vocabulary, length: 400, ...options });
    const one = await make({ key: key(1) });
    expect(await make({ key: key(1) })).toEqual(one);
    expect(await make({ key: key(2) })).not.toEqual(one);
    const share = (drawn: string[]): number => drawn.filter((character) => character === 'a').length / drawn.length;
    expect(Math.abs(share(await make({ temperature: 1000 })) - 0.5)).toBeLessThan(0.1);
    const cold = share(await make({ temperature: 0.001 }));
    expect(Math.min(cold, 1 - cold)).toBeLessThan(0.02);
    disposeTree(params);
  });

  test('without end, until it is left', async () => {
    const vocabulary = characterVocabulary('ab');
    const model = charModel({ vocabulary: 2, embedding: 2, hidden: 2 });
    const params = scope(() => keep(model.init(key(1))));
    let count = 0;
    for await (const _ of generate(model, params, { vocabulary })) if (++count === 30) break;
    expect(count).toBe(30);
    disposeTree(params);
  });

  test.each([NaN, Infinity, -Infinity, 3e38])('writes nothing with parameters of %s', async (value) => {
    const vocabulary = characterVocabulary('ab');
    const model = charModel({ vocabulary: 2, embedding: 2, hidden: 2 });
    const params = scope(() => keep(model.init(key(1))));
    scope(() => treeLeaves(params).forEach((leaf) => assign(leaf, full(leaf.shape, value))));
    const given = { model, params };
    await expect(collect(given, { vocabulary, length: 3 })).rejects.toThrow(DataError);
    await expect(collect(given, { vocabulary, length: 3, temperature: 0 })).rejects.toThrow(/NaN or infinity/);
    const { backend } = params.head.bias;
    disposeTree(params);
    expect(backend.memory().buffers).toBe(0);
  });

  test('refuses what makes no sense', () => {
    const vocabulary = characterVocabulary('ab');
    const model = charModel({ vocabulary: 2, embedding: 2, hidden: 2 });
    const params = scope(() => keep(model.init(key(1))));
    const make = (options: Partial<GenerateOptions>) => () => generate(model, params, { vocabulary, ...options });
    expect(make({ vocabulary: byteVocabulary() })).toThrow(/reads 2 items.* vocabulary has 256/);
    expect(make({ prompt: 'abc' })).toThrow(/"c"/);
    expect(make({ prompt: '' })).toThrow(/prompt is empty/);
    expect(make({ temperature: -1 })).toThrow(/temperature/);
    expect(make({ topK: 0 })).toThrow(/topK/);
    disposeTree(params);
  });
});
