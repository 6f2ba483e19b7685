import { ArgumentError } from '../backend/index.js';

/** @throws ArgumentError when what a function returned is a promise: the rest of it would run after `op` has ended. */
export function refuseAsync(op: string, result: unknown, advice: string): void {
  if (typeof result !== 'object' || result === null || !('then' in result) || typeof result.then !== 'function') return;
  // Nobody will await it: what it throws later has no reader, and this error says more.
  void Promise.resolve(result as PromiseLike<unknown>).catch(() => undefined);
  throw new ArgumentError(`${op}: the function is async. ${advice}`);
}
