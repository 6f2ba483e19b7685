import { disposeTree, foldIn, fromArray, keep, key, scope, shareTree, slice, uniformValues } from '@tempograd/core';
import type { SequenceModel, SequenceModelCarry, SequenceModelParams, Vocabulary } from '@tempograd/nn';
import { drawClass } from './drawClass.js';

/** What writes: a model, its parameters, and what its numbers mean. */
export interface Writer {
  readonly model: SequenceModel;
  readonly params: SequenceModelParams;
  readonly vocabulary: Vocabulary;
}

/** How to write. */
export interface GenerateOptions {
  /** What to go on from; at least one character of the vocabulary. It is not given back. */
  readonly prompt: string;
  /** Characters to write. */
  readonly length: number;
  /** Logits are divided by it; 0 takes the likeliest character each time. */
  readonly temperature: number;
  /** The same seed writes the same text. */
  readonly seed: number;
}

/** Writes a text, character by character. Leaves no tensors behind, also when it is not heard to the end. */
export async function* generate(
  { model, params, vocabulary }: Writer,
  { prompt, length, temperature, seed }: GenerateOptions,
): AsyncGenerator<string, void, void> {
  const decoding = vocabulary.decoding();
  let carry: SequenceModelCarry | null = null;
  let inputs = vocabulary.encode(prompt);
  try {
    for (let at = 0; at < length; at++) {
      const { after, logits } = step(model, params, carry, inputs);
      disposeTree(carry);
      carry = after;
      const scores = await logits.read();
      logits.dispose();
      const [draw = 0] = uniformValues(foldIn(key(seed), at), 1);
      const next = drawClass(scores, temperature, draw);
      inputs = Int32Array.of(next);
      yield decoding.push(next);
    }
    yield decoding.end();
  } finally {
    disposeTree(carry);
  }
}

/** A whole written text. */
export async function generated(writer: Writer, options: GenerateOptions): Promise<string> {
  let text = '';
  for await (const character of generate(writer, options)) text += character;
  return text;
}

/** Reads some characters, and gives the carry after them and the logits of the next. */
function step(
  model: SequenceModel,
  params: SequenceModelParams,
  carry: SequenceModelCarry | null,
  characters: Int32Array,
) {
  return scope(() => {
    const { backend } = params.head.bias;
    const inputs = fromArray(characters, [characters.length, 1], { dtype: 'i32', backend });
    const context = { from: 0, key: null };
    const result = model.forward(params, carry ?? model.initialCarry(params), { inputs }, context);
    const last = slice(result.output, [characters.length - 1, 0, 0], [1, 1, model.config.hidden]);
    return { after: shareTree(result.carry), logits: keep(model.logits(params, last)) };
  });
}
