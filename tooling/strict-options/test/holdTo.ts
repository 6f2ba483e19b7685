import { join } from 'node:path';
import { ArgumentError, currentBackend } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import { functionsWithOptions } from '../src/functions-with-options.js';

/** A function that takes options, ready to be called with any. */
export interface Taker {
  /** Calls it with options that are, or should not be, of the right form. */
  readonly take: (options: never) => unknown;
  /** Options that it accepts. */
  readonly good: object;
  /** The name of one option, to misspell and to give a wrong kind. */
  readonly key: string;
  /** How errors name the function, where not by the name it is exported by. */
  readonly as?: string;
  /** Default is true. If false, what it does with options that are right is for other tests: it would start something here. */
  readonly accepts?: boolean;
}

/** Declares the tests of all functions with options of one module, and the one that none is forgotten; on the selected backend. */
export function holdTo(
  source: string,
  takers: Readonly<Record<string, Taker | readonly Taker[]>>,
  withoutOptions: Readonly<Record<string, string>> = {},
): void {
  describe(source, () => {
    test('every exported function that takes options is in the table', () => {
      const entry = join(import.meta.dirname, '../../../packages', source);
      const listed = [...Object.keys(takers), ...Object.keys(withoutOptions)].sort();
      expect(listed).toEqual(functionsWithOptions(entry));
    });
    for (const [name, each] of Object.entries(takers)) {
      for (const taker of Array.isArray(each) ? (each as readonly Taker[]) : [each as Taker]) {
        describe(taker.as === undefined ? name : `${name}: ${taker.as}`, () => {
          refusals(taker.as ?? name, taker);
        });
      }
    }
  });
}

function refusals(as: string, { take, good, key, accepts = true }: Taker): void {
  // What it is to accept may need more than a test has.
  test.each(accepts ? [good] : [])('takes options that are right', async (right) => {
    await expect(outcomeOf(take, right)).resolves.not.toBeInstanceOf(Error);
  });

  test('refuses a misspelt option, and says which was meant', async () => {
    const misspelt = `${key}${key.at(-1)}`;
    const { message } = await refusalOf(take, { ...good, [misspelt]: 1 });
    expect(message).toMatch(
      new RegExp(`^${escaped(as)}: there is no option ".*${misspelt}"\\. Did you mean ${key}\\?`),
    );
  });

  test('refuses an option of a wrong kind', async () => {
    const { message } = await refusalOf(take, { ...good, [key]: Symbol('wrong') });
    expect(message).toMatch(new RegExp(`^${escaped(as)}: (\\w+\\.)?${key} must be .*, but is Symbol\\(wrong\\)\\.$`));
  });

  test.each([[0], ['text'], [true], [null], [[]], [() => good], [new Map()], [Promise.resolve(good)]])(
    'refuses %o for options',
    async (options) => {
      const { message } = await refusalOf(take, options);
      expect(message).toMatch(new RegExp(`^${escaped(as)}: \\w+ must be an object, \\{ .*\\}, but (are|is) `));
    },
  );
}

/** The error of a call that must be refused, and leave no buffer behind. */
async function refusalOf(take: Taker['take'], options: unknown): Promise<ArgumentError> {
  const backend = currentBackend();
  const before = backend.memory().buffers;
  const outcome = await outcomeOf(take, options);
  expect(outcome).toBeInstanceOf(ArgumentError);
  expect(backend.memory().buffers, 'buffers after the refusal').toBe(before);
  return outcome as ArgumentError;
}

/** What a call gives, or how it fails: at once, as a promise, or at the first step of an iteration. */
async function outcomeOf(take: Taker['take'], options: unknown): Promise<unknown> {
  try {
    const result = await take(options as never);
    if (typeof result === 'object' && result !== null && Symbol.asyncIterator in result) {
      const iterator = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.return?.();
    }
    return result;
  } catch (error) {
    return error;
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[().]/g, '\\$&');
}
