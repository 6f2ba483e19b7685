import { disposeTree, foldIn, keep, key, scope } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import {
  characterVocabulary,
  charModel,
  generate,
  predictor,
  sequenceModel,
  type SampleOptions,
  type SequenceModel,
  type SequenceModelParams,
  type Vocabulary,
} from '../../src/index.js';
import { draw } from '../../src/predict/draw.js';
import { StopText } from '../../src/predict/StopText.js';
import { withFreshBackend } from '../support/close.js';

withFreshBackend();

const letters = characterVocabulary('abcdefgh');

function untrained(paddingIndex: number | null = null): { model: SequenceModel; params: SequenceModelParams } {
  const model = charModel({ vocabulary: 8, embedding: 4, hidden: 8, paddingIndex });
  return { model, params: scope(() => keep(model.init(key(3), { dtype: 'f64' }))) };
}

async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

describe('texts written at the same time', () => {
  const prompts = ['a', 'abcdefgh'.repeat(20), 'hgf', 'bb', 'abcdefgh'.repeat(9)];
  const settings: SampleOptions = { length: 25, temperature: 0.8, topK: 6, topP: 0.95 };

  test('are what they are alone, whatever the lengths of their prompts', async () => {
    const { model, params } = untrained();
    const alone: string[] = [];
    for (const [index, prompt] of prompts.entries())
      alone.push(
        await whole(generate(model, params, { vocabulary: letters, prompt, ...settings, key: foldIn(key(5), index) })),
      );
    const predict = predictor(model, params, { vocabulary: letters });
    expect(await predict.generateEach(prompts, { ...settings, key: key(5) })).toEqual(alone);
    expect(new Set(alone).size).toBe(prompts.length);
    const reversed = await predict.generateEach(prompts.slice(0, 2), { ...settings, key: key(5) });
    expect(reversed).toEqual(alone.slice(0, 2));
    expect(await predict.generateEach([], { length: 1 })).toEqual([]);
    disposeTree(params);
  });

  test('begin and end when they like', async () => {
    const { model, params } = untrained();
    const predict = predictor(model, params, { vocabulary: letters });
    const alone = await whole(predict.generate({ prompt: 'abc', length: 30, key: key(1) }));
    const pieces = predict.generate({ prompt: 'abc', length: 30, key: key(1) });
    let text = '';
    const others: Promise<unknown>[] = [];
    for await (const piece of pieces) {
      text += piece;
      if (text.length % 4 === 1) others.push(whole(predict.generate({ prompt: 'h', length: text.length })));
      if (text.length % 5 === 1) {
        const left = predict.generate({ prompt: 'g' });
        await left.next();
        others.push(left.return());
      }
    }
    expect(text).toBe(alone);
    await Promise.all(others);
    disposeTree(params);
  });

  test('go on from what a stream has read, and leave it where it is', async () => {
    const { model, params } = untrained();
    const predict = predictor(model, params, { vocabulary: letters });
    const wanted = await whole(predict.generate({ prompt: 'abcdefg', length: 12 }));
    await predict.run('abcd');
    expect(await whole(predict.generate({ prompt: 'efg', length: 12 }))).toBe(wanted);
    expect(predict.steps).toBe(4);
    await predict.run('ef');
    await predict.step('g');
    expect(await whole(predict.generate({ length: 12 }))).toBe(wanted);
    predict.reset();
    disposeTree(params);
  });
});

describe('a text ends', () => {
  test('at the end that the vocabulary has, which is not given out', async () => {
    const { model, params } = untrained();
    const text = await whole(generate(model, params, { vocabulary: letters, prompt: 'a', length: 200 }));
    const end = letters.encode(text[20] as string)[0] as number;
    const ended: Vocabulary = { ...letters, end };
    const shorter = await whole(generate(model, params, { vocabulary: ended, prompt: 'a', length: 200 }));
    expect(shorter).toBe(text.slice(0, text.indexOf(text[20] as string)));
    expect(await predictor(model, params, { vocabulary: ended }).generateEach(['a'])).toHaveLength(1);
    disposeTree(params);
  });

  test('before a text, of which nothing is given out, or where a function says so', async () => {
    const { model, params } = untrained();
    const make = (stop: SampleOptions['stop']): Promise<string> =>
      whole(
        generate(model, params, {
          vocabulary: letters,
          prompt: 'a',
          length: 60,
          ...(stop === undefined ? {} : { stop }),
        }),
      );
    const text = await make(undefined);
    const [long, short] = [text.slice(30, 34), text.slice(40, 42)];
    expect(await make(long)).toBe(text.slice(0, text.indexOf(long)));
    expect(await make([long, short])).toBe(text.slice(0, Math.min(text.indexOf(long), text.indexOf(short))));
    expect(await make('abcabcabcabc')).toBe(text);
    expect(await make((written) => written.length === 7)).toBe(text.slice(0, 7));
    disposeTree(params);
  });

  test('StopText holds back no more than what may become the text to stop at', () => {
    const stop = new StopText(['END', 'ENDE!', 'xx']);
    expect([...'aENEExyE'].map((piece) => stop.push(piece))).toEqual(['a', '', '', 'EN', 'E', 'E', 'xy', '']);
    expect(stop.end()).toBe('E');
    const split = new StopText('END');
    expect([split.push('hE'), split.push('N'), split.push('Dno')]).toEqual(['h', '', '']);
    expect([split.stopped, split.end()]).toEqual([true, '']);
  });
});

describe('draw', () => {
  const logits = [0.1, 2, 1, 2, -3];
  const share = (settings: Partial<Parameters<typeof draw>[1]>): number[] => {
    const counts = [0, 0, 0, 0, 0];
    const all = { temperature: 1, topK: Infinity, topP: 1, never: [], ...settings };
    for (let index = 0; index < 4000; index++) (counts[draw(logits, all, () => (index + 0.5) / 4000)] as number)++;
    return counts.map((count) => count / 4000);
  };
  const softmaxOf = (ids: readonly number[], temperature = 1): number[] => {
    const weights = logits.map((logit, id) => (ids.includes(id) ? Math.exp(logit / temperature) : 0));
    const total = weights.reduce((sum, weight) => sum + weight);
    return weights.map((weight) => weight / total);
  };
  const all = [0, 1, 2, 3, 4];

  test.each<[string, Parameters<typeof share>[0], number[]]>([
    ['everything', {}, softmaxOf(all)],
    ['a temperature', { temperature: 0.5 }, softmaxOf(all, 0.5)],
    ['temperature 0: the first of the likeliest', { temperature: 0 }, softmaxOf([1])],
    ['topK', { topK: 3 }, softmaxOf([1, 2, 3])],
    ['topK among equals: the first', { topK: 1 }, softmaxOf([1])],
    ['topK of more than there are', { topK: 9 }, softmaxOf(all)],
    ['topP', { topP: 0.8 }, softmaxOf([1, 2, 3])],
    ['topP below the likeliest', { topP: 0.01 }, softmaxOf([1])],
    ['topP of two equals', { topP: 0.7 }, softmaxOf([1, 3])],
    ['both', { topK: 4, topP: 0.999 }, softmaxOf([0, 1, 2, 3])],
    ['without some', { never: [1, 2] }, softmaxOf([0, 3, 4])],
    ['the likeliest but some', { never: [1], temperature: 0 }, softmaxOf([3])],
  ])('from %s', (_, settings, wanted) => {
    share(settings).forEach((each, id) => expect(Math.abs(each - (wanted[id] as number))).toBeLessThan(1e-3));
  });

  test('keeps as many of the likeliest of a thousand as a sort would', () => {
    const many = Array.from({ length: 1000 }, (_, id) => Math.sin(id * id) * 4);
    const ranked = many.map((_, id) => id).sort((a, b) => (many[b] as number) - (many[a] as number));
    const weights = ranked.map((id) => Math.exp(many[id] as number));
    const total = weights.reduce((sum, weight) => sum + weight);
    const drawn = (settings: object): Set<number> => {
      const found = new Set<number>();
      const options = { temperature: 1, topK: Infinity, topP: 1, never: [], ...settings };
      for (let index = 0; index < 6000; index++) found.add(draw(many, options, () => (index + 0.5) / 6000));
      return found;
    };
    for (const topK of [1, 2, 17, 50]) expect(drawn({ topK })).toEqual(new Set(ranked.slice(0, topK)));
    let sum = 0;
    const nucleus = weights.findIndex((weight) => (sum += weight) >= 0.3 * total) + 1;
    expect(drawn({ topP: 0.3 })).toEqual(new Set(ranked.slice(0, nucleus)));
  });
});

test('what fills up short sequences is never written', async () => {
  const { model, params } = untrained(2);
  const text = await whole(generate(model, params, { vocabulary: letters, prompt: 'a', length: 300, temperature: 3 }));
  expect(text).toHaveLength(300);
  expect(text).not.toContain('c');
  disposeTree(params);
});

describe('writing is refused', () => {
  test('without a vocabulary, an end, or sense', async () => {
    const { model, params } = untrained();
    expect(() => predictor(model, params).generate()).toThrow(/predictor.generate: text needs a vocabulary/);
    const predict = predictor(model, params, { vocabulary: letters });
    await expect(predict.generateEach(['a'])).rejects.toThrow(/nothing says where a text ends/);
    await expect(predict.generateEach('a' as never, { length: 1 })).rejects.toThrow(/list of prompts/);
    await expect(predict.generateEach(['a', 'x'], { length: 1 })).rejects.toThrow(/"x"/);
    expect(() => predict.generate({ topP: 0 })).toThrow(/topP must lie in \(0, 1\]/);
    expect(() => predict.generate({ topP: NaN })).toThrow(/topP/);
    expect(() => predict.generate({ stop: '' })).toThrow(/none of them empty/);
    expect(() => predict.generate({ stop: [1] as never })).toThrow(/list of texts/);
    expect(() => predict.generate({ stop: 1 as never })).toThrow(/stop must be a string or an array or a function/);
    disposeTree(params);
  });

  test('by a model that predicts something else', () => {
    const model = sequenceModel({ input: { vocabulary: 8, embedding: 2 }, hidden: 2, outputs: 3 });
    const params = scope(() => keep(model.init(key(1))));
    expect(() => predictor(model, params, { vocabulary: letters }).generate()).toThrow(
      /predicts 3 classes.*has 8 items/,
    );
    disposeTree(params);
  });
});
