import type { BrowserContext, Page } from 'playwright';
import { NoAnswerError, type ColumnWorker } from '../columns/ColumnWorker.js';
import type { ColumnFacts } from '../workers/Engine.js';
import type { BenchPage } from '../workers/page.js';
import type { Request, Results } from '../workers/protocol.js';
import type { BenchBrowser } from './openBrowser.js';

/** A column's page, in a context of its own so that it has a process of its own. */
export class WorkerPage implements ColumnWorker {
  readonly facts: ColumnFacts;
  #context: BrowserContext;
  #page: Page;
  #ended = false;

  private constructor(facts: ColumnFacts, context: BrowserContext, page: Page) {
    this.facts = facts;
    this.#context = context;
    this.#page = page;
    for (const event of ['crash', 'close'] as const) page.on(event as 'close', () => (this.#ended = true));
  }

  /** Opens a page and waits until its library is ready. @throws Error saying why it cannot */
  static async start(
    { browser, address }: BenchBrowser,
    engine: string,
    settings: readonly string[],
    timeoutSeconds = 120,
  ): Promise<WorkerPage> {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(address, { waitUntil: 'load' });
      const started = page.evaluate(
        async ([name, given]) => (globalThis as unknown as { bench: BenchPage }).bench.start(name, given),
        [engine, settings] as const,
      );
      const facts = await inTime(started, timeoutSeconds);
      return new WorkerPage(facts, context, page);
    } catch (error) {
      void context.close().catch(() => undefined);
      throw plain(error);
    }
  }

  get alive(): boolean {
    return !this.#ended;
  }

  async ask<R extends Request>(request: R, timeoutSeconds = 60): Promise<Results[R['request']]> {
    // Closing takes a while, in which the page would still answer.
    if (this.#ended) throw new Error('The page was closed.');
    const asked = this.#page.evaluate(
      async (given: Request) => (globalThis as unknown as { bench: BenchPage }).bench.answer(given),
      request,
    );
    try {
      const reply = await inTime(asked, timeoutSeconds);
      if ('error' in reply) throw new Error(reply.error);
      return (reply as { result: Results[R['request']] }).result;
    } catch (error) {
      if (error instanceof NoAnswerError) this.end();
      throw plain(error);
    }
  }

  resetPeak(): void {
    // A page does not tell its memory.
  }

  peakBytes(): null {
    return null;
  }

  processorSeconds(): null {
    return null;
  }

  end(): void {
    this.#ended = true;
    void this.#context.close().catch(() => undefined);
  }
}

/** @throws NoAnswerError where it takes longer */
async function inTime<T>(promise: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswerError(seconds)), seconds * 1000);
  });
  // Of a page that is closed meanwhile, nobody waits for the answer.
  promise.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The page's error without what the browser's driver says around it. */
function plain(error: unknown): Error {
  if (error instanceof NoAnswerError) return error;
  const [line = ''] = (error as Error).message.split('\n');
  return new Error(line.replace(/^page\.evaluate: (Error: )?/, ''), { cause: error });
}
