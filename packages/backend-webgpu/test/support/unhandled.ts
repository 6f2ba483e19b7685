import { afterAll, beforeAll, expect } from 'vitest';

/** Holds a file's tests, in Node and in pages, to leaving no rejected promise that nobody hears of. */
export function expectNoUnhandledRejection(): void {
  const unhandled: unknown[] = [];
  const inPage = typeof document === 'object';
  const note = (reason: unknown): void => void unhandled.push(reason);
  const noteEvent = ({ reason }: PromiseRejectionEvent): void => note(reason);

  beforeAll(() => {
    if (inPage) addEventListener('unhandledrejection', noteEvent);
    else process.on('unhandledRejection', note);
  });

  afterAll(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (inPage) removeEventListener('unhandledrejection', noteEvent);
    else process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
}
