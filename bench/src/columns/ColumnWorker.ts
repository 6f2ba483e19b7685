import type { ColumnFacts } from '../workers/Engine.js';
import type { Request, Results } from '../workers/protocol.js';

/** Who runs a column: asked one thing at a time. */
export interface ColumnWorker {
  readonly facts: ColumnFacts;
  /** False once it has ended, by itself or for being late. */
  readonly alive: boolean;
  /**
   * One request and its result.
   * @throws NoAnswerError where it takes longer; the worker is ended then
   * @throws Error saying what went wrong
   */
  ask<R extends Request>(request: R, timeoutSeconds?: number): Promise<Results[R['request']]>;
  /** Starts measuring `peakBytes` anew, where the system can. */
  resetPeak(): void;
  /** The most memory it has had resident, null where the system does not say. */
  peakBytes(): number | null;
  /** Processor time that it has taken so far, in seconds, null where the system does not say. */
  processorSeconds(): number | null;
  end(): void;
}

/** A column took longer than it was given. */
export class NoAnswerError extends Error {
  constructor(seconds: number) {
    super(`no answer in ${seconds} s`);
    this.name = 'NoAnswerError';
  }
}
