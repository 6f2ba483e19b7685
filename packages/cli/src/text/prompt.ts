import type { Vocabulary } from '@tempograd/nn';
import { Failure } from '../Failure.js';

/** What stands before the beginning of a paragraph; where a vocabulary has no line breaks, one of its characters. */
export function openingOf(vocabulary: Vocabulary): string {
  return knows(vocabulary, '\n') ? '\n\n' : vocabulary.decode([0]);
}

/** @throws Failure naming the characters of a prompt that the vocabulary does not have. */
export function requireKnown(vocabulary: Vocabulary, prompt: string): void {
  const unknown = [...new Set(prompt)].filter((character) => !knows(vocabulary, character));
  if (unknown.length === 0) return;
  throw new Failure(
    `The prompt does not match the model: it has ${unknown.map((each) => JSON.stringify(each)).join(', ')}, and the text that the model ` +
      `learnt from did not. Leave ${unknown.length === 1 ? 'it' : 'them'} out of the prompt.`,
  );
}

function knows(vocabulary: Vocabulary, character: string): boolean {
  try {
    vocabulary.encode(character);
    return true;
  } catch {
    return false;
  }
}
