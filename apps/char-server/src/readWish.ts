import { key } from '@tempograd/core';
import type { WriteOptions } from '@tempograd/nn';

/** What one request may ask for at most. */
export interface Limits {
  /** Texts that are written at the same time. */
  readonly clients: number;
  /** Characters of a prompt. */
  readonly prompt: number;
  /** Characters of a text. */
  readonly length: number;
}

/** A request that makes no sense, and the status to answer with. */
export class BadRequest extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

const known = ['prompt', 'length', 'temperature', 'topK', 'topP', 'stop', 'seed'];

/**
 * What `/generate?prompt=…&length=…` asks for.
 * @throws BadRequest that says which part makes no sense.
 */
export function readWish(
  query: URLSearchParams,
  limits: Limits,
): { readonly seed: number; readonly options: WriteOptions } {
  const stranger = [...query.keys()].find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new BadRequest(`There is no parameter "${stranger}"; known are ${known.join(', ')}.`);
  const number = (name: string, standard: number): number => {
    const text = query.get(name);
    if (text === null || text === '') return standard;
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    throw new BadRequest(`${name} must be a number, but is "${text.slice(0, 50)}".`);
  };
  const prompt = query.get('prompt') ?? '';
  if (prompt.length > limits.prompt)
    throw new BadRequest(`The prompt has ${prompt.length} characters; ${limits.prompt} are allowed.`, 413);
  const length = number('length', Math.min(500, limits.length));
  if (length > limits.length) throw new BadRequest(`length is ${length}; ${limits.length} is the most allowed.`);
  const seed = number('seed', Math.floor(Math.random() * 2 ** 32));
  if (!Number.isSafeInteger(seed) || seed < 0) throw new BadRequest(`seed must be a whole number ≥ 0, but is ${seed}.`);
  const stop = query.getAll('stop').filter((text) => text !== '');
  const options: WriteOptions = {
    length,
    temperature: number('temperature', 0.7),
    topP: number('topP', 1),
    key: key(seed),
    ...(query.has('topK') ? { topK: number('topK', Infinity) } : {}),
    ...(stop.length > 0 ? { stop } : {}),
    ...(prompt === '' ? {} : { prompt }),
  };
  return { seed, options };
}
