import type { ServerResponse } from 'node:http';
import type { Traffic } from './Traffic.js';

/**
 * Writes pieces of a text to a client as they come, and no faster than it reads: the next piece is asked for when the one before has
 * room. A client that goes away ends the text.
 */
export async function streamText(
  pieces: AsyncGenerator<string, void, void>,
  response: ServerResponse,
  traffic: () => Traffic[],
  begun: number,
): Promise<void> {
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  try {
    for (let isFirst = true; !response.destroyed; isFirst = false) {
      const asked = isFirst ? begun : performance.now();
      const next = await pieces.next();
      if (next.done === true) break;
      for (const each of traffic()) (isFirst ? each.first : each.next).add(performance.now() - asked);
      if (response.destroyed || response.write(next.value)) continue;
      await Promise.race([gone, new Promise<void>((resolve) => response.once('drain', resolve))]);
    }
    const outcome = response.destroyed ? 'left' : 'finished';
    for (const each of traffic()) each[outcome]++;
    response.end();
  } finally {
    await pieces.return();
  }
}
