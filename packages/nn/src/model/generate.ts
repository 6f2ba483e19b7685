import {
  ArgumentError,
  disposeTree,
  foldIn,
  fromArray,
  keep,
  key as keyOf,
  scope,
  shareTree,
  treeLeaves,
  uniformValues,
  type Key,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, optionTable, required } from '@tempograd/core/backend';
import { DataError, type Vocabulary } from '../data/index.js';
import { vocabularyKind } from '../data/Vocabulary.js';
import type { SequenceModel, SequenceModelCarry, SequenceModelParams } from './sequenceModel.js';

/** What to generate, and how boldly. */
export interface GenerateOptions {
  readonly vocabulary: Vocabulary;
  /** Text to go on from, which is not given out again; default is a line feed, or the vocabulary's first item where it has none. */
  readonly prompt?: string;
  /** Items to generate: characters, or bytes for a byte vocabulary. Default is without end. */
  readonly length?: number;
  /** Divides the logits: below 1 is more careful, 0 always takes the likeliest item. Default is 1. */
  readonly temperature?: number;
  /** Draw from so many of the likeliest items only; default is from all. */
  readonly topK?: number;
  /** The same key, prompt and settings give the same text; default is `key(0)`. */
  readonly key?: Key;
}

const generateTable = optionTable<GenerateOptions>({
  vocabulary: required(vocabularyKind),
  prompt: 'string',
  length: 'number',
  temperature: 'number',
  topK: 'number',
  key: 'key',
});

/**
 * Text that a model goes on with after a prompt, character by character: `for await (const character of generate(…))`.
 * @throws ArgumentError when options make no sense or the model does not fit the vocabulary; DataError when the prompt has items
 * the vocabulary lacks, or what the model says comes next is no number, as with parameters that diverged or were damaged.
 */
export function generate(
  model: SequenceModel,
  params: SequenceModelParams,
  options: GenerateOptions,
): AsyncGenerator<string, void, void> {
  checkOptions('generate', options, generateTable);
  checkValues(model, options);
  return characters(model, params, options.vocabulary.encode(options.prompt ?? startOf(options.vocabulary)), options);
}

async function* characters(
  model: SequenceModel,
  params: SequenceModelParams,
  prompt: Int32Array,
  { vocabulary, length = Infinity, temperature = 1, topK = vocabulary.size, key = keyOf(0) }: GenerateOptions,
): AsyncGenerator<string, void, void> {
  const decoding = vocabulary.decoding();
  let carry: SequenceModelCarry | null = null;
  let items = prompt;
  let from = 0;
  try {
    for (let index = 0; index < length; index++) {
      const { after, logits }: { after: SequenceModelCarry; logits: Tensor } = step(model, params, carry, items, from);
      disposeTree(carry);
      carry = after;
      from += items.length;
      const values = await logits.read();
      logits.dispose();
      const id = draw(values.subarray(values.length - vocabulary.size), temperature, topK, () =>
        Number(uniformValues(foldIn(key, index), 1)[0]),
      );
      items = Int32Array.of(id);
      const text = decoding.push(id);
      if (text !== '') yield text;
    }
    const rest = decoding.end();
    if (rest !== '') yield rest;
  } finally {
    disposeTree(carry);
  }
}

/** Runs over items, and gives the logits after the last of them, `[1, 1, vocabulary]`. */
function step(
  model: SequenceModel,
  params: SequenceModelParams,
  carry: SequenceModelCarry | null,
  items: Int32Array,
  from: number,
): { after: SequenceModelCarry; logits: Tensor } {
  return scope(() => {
    const { backend } = treeLeaves(params)[0] as Tensor;
    const inputs = fromArray(items, [items.length, 1], { dtype: 'i32', backend });
    const start = carry ?? model.initialCarry(params);
    const { carry: after, output } = model.forward(params, start, { inputs }, { from, key: null });
    return { after: shareTree(after), logits: keep(model.logits(params, output)) };
  });
}

/** Draws an item from `softmax(logits / temperature)` over the `topK` likeliest. */
function draw(logits: ArrayLike<number>, temperature: number, topK: number, uniform: () => number): number {
  const ranked = Array.from(logits, (logit, id) => ({ logit, id })).sort((a, b) => b.logit - a.logit);
  const likeliest = ranked[0] as (typeof ranked)[number];
  // Of numbers that cannot be compared the first is as good as any.
  if (!Number.isFinite(likeliest.logit) || ranked.some(({ logit }) => Number.isNaN(logit))) {
    throw new DataError(
      'generate: the model gives NaN or infinity for what comes next, so that there is nothing to draw from: its parameters have ' +
        'diverged, or were damaged. Train it again with a lower learning rate, or take another copy.',
    );
  }
  if (temperature === 0) return likeliest.id;
  const candidates = ranked.slice(0, topK).map(({ logit, id }) => ({
    id,
    weight: Math.exp((logit - likeliest.logit) / temperature),
  }));
  let left = uniform() * candidates.reduce((sum, { weight }) => sum + weight, 0);
  for (const { id, weight } of candidates) {
    left -= weight;
    if (left < 0) return id;
  }
  return likeliest.id;
}

function startOf(vocabulary: Vocabulary): string {
  try {
    vocabulary.encode('\n');
    return '\n';
  } catch {
    return vocabulary.decode([0]);
  }
}

function checkValues(
  { config }: SequenceModel,
  { vocabulary, prompt, length = 1, temperature = 1, topK = 1 }: GenerateOptions,
): void {
  const size = 'vocabulary' in config.input ? config.input.vocabulary : null;
  if (size !== vocabulary.size || config.outputs !== vocabulary.size) {
    throw new ArgumentError(
      `generate: the model reads ${size === null ? 'features' : `${size} items`} and predicts ${config.outputs}, but the vocabulary has ` +
        `${vocabulary.size} items. Use the vocabulary the model was trained with.`,
    );
  }
  if (config.bidirectional) throw new ArgumentError('generate: a bidirectional model cannot go on from a prompt.');
  if (prompt === '') throw new ArgumentError('generate: the prompt is empty; give one character at least, or none.');
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    throw new ArgumentError(`generate: temperature must be a finite number ≥ 0, but is ${temperature}.`);
  for (const [name, value, least] of [
    ['length', length, 0],
    ['topK', topK, 1],
  ] as const) {
    if (value !== Infinity && !(Number.isSafeInteger(value) && value >= least))
      throw new ArgumentError(`generate: ${name} must be a whole number ≥ ${least}, but is ${value}.`);
  }
}
