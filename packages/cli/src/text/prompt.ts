import type { Vocabulary, WordVocabulary } from '@tempograd/nn';
import { wordsOf } from '@tempograd/nn';
import { Failure } from '../Failure.js';

/** What stands before the beginning of a paragraph; where a vocabulary has no line breaks, one of its items. */
export function openingOf(vocabulary: Vocabulary): string {
  if (knows(vocabulary, '\n')) return '\n\n';
  return vocabulary.decode([vocabulary.start ?? 0]);
}

/** A prompt as a model reads it: a word brings its own space, so that none may stand before it. */
export function promptFor(vocabulary: Vocabulary, prompt: string): string {
  return vocabulary.kind === 'words' ? prompt.replace(/ +$/, '') : prompt;
}

/**
 * Tells on the error output which words of a prompt a model reads as unknown ones.
 * @throws Failure naming the items of a prompt that it cannot read at all.
 */
export function noteUnknown(vocabulary: Vocabulary, prompt: string): void {
  const unknown = [...new Set(itemsOf(vocabulary, prompt))].filter((item) => !knows(vocabulary, item));
  if (unknown.length === 0) return;
  const list = unknown.map((each) => JSON.stringify(each)).join(', ');
  if (vocabulary.unknown !== undefined) {
    console.error(`The model does not know ${list}, and reads ${unknown.length === 1 ? 'it' : 'them'} as unknown.`);
    return;
  }
  throw new Failure(
    `The prompt does not match the model: it has ${list}, and the text that the model ` +
      `learnt from did not. Leave ${unknown.length === 1 ? 'it' : 'them'} out of the prompt.`,
  );
}

function itemsOf(vocabulary: Vocabulary, text: string): Iterable<string> {
  return vocabulary.kind === 'words' ? wordsOf(text) : vocabulary.kind === 'bytes' ? [] : text;
}

function knows(vocabulary: Vocabulary, item: string): boolean {
  if (vocabulary.kind === 'words') return (vocabulary as WordVocabulary).frequencies.has(item);
  try {
    vocabulary.encode(item);
    return true;
  } catch {
    return false;
  }
}
