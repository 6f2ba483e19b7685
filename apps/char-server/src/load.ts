import { Agent, get, type IncomingMessage } from 'node:http';
import { Percentiles } from './Percentiles.js';
import { Refusal } from './Refusal.js';

/** How to load a server. */
export interface LoadOptions {
  readonly url: string;
  readonly clients: number;
  readonly length: number;
}

/** Asks a server for as many texts at once as there are clients, and says how long their characters took. */
export async function load({ url, clients, length }: LoadOptions): Promise<void> {
  const agent = new Agent({ maxSockets: Infinity });
  const [first, next] = [new Percentiles(), new Percentiles()];
  const begun = performance.now();
  const each = Array.from({ length: clients }, async (_, seed) => {
    const address = new URL(`/generate?length=${length}&seed=${seed}`, url);
    let last = performance.now();
    let characters = 0;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(address, { agent }, resolve).on('error', reject);
    });
    response.setEncoding('utf8');
    for await (const piece of response as AsyncIterable<string>) {
      if (response.statusCode !== 200)
        throw new Refusal(`${address.href} answered ${response.statusCode}: ${piece.trim()}`);
      const now = performance.now();
      (characters === 0 ? first : next).add(now - last);
      last = now;
      characters += piece.length;
    }
    return characters;
  });
  const results = await Promise.allSettled(each);
  const seconds = (performance.now() - begun) / 1000;
  const failed = results.filter((result) => result.status === 'rejected');
  const characters = results.reduce((sum, result) => sum + (result.status === 'fulfilled' ? result.value : 0), 0);
  agent.destroy();
  console.log(
    `${clients} clients, ${characters.toLocaleString('en')} characters in ${seconds.toFixed(1)} s: ` +
      `${Math.round(characters / seconds).toLocaleString('en')} characters/s`,
  );
  console.log(`p50 / p95 / p99: per character ${String(next)}, to the first ${String(first)}`);
  if (failed.length > 0)
    throw new Refusal(`${failed.length} of them failed, the first with: ${String(failed[0]?.reason)}`);
}
