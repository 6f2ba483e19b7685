import { createInterface } from 'node:readline';
import { Refusal } from '../Refusal.js';

/** The numbers of a stream of text, one a line; empty lines are passed over. @throws Refusal for a line that is no number. */
export async function* readNumbers(input: NodeJS.ReadableStream): AsyncGenerator<number, void, void> {
  let line = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    line++;
    if (text.trim() === '') continue;
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Refusal(`Line ${line} is no number: ${JSON.stringify(text.slice(0, 60))}.`);
    yield value;
  }
}
