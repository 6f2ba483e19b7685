import { ArgumentError } from '../backend/errors.js';
import type { Key } from '../random/index.js';

/** @throws ArgumentError for a task whose sequence cannot be cut. */
export function requireCausal(of: string, task: { readonly causal?: boolean }): void {
  if (task.causal !== false) return;
  throw new ArgumentError(
    `${of}: a layer of this task runs backward in time (bidirectional), so its sequence cannot be cut. Use fullBptt().`,
  );
}

/** The key of a run. @throws ArgumentError where there is none. */
export function requireRunKey(of: string, what: string, key: Key | null | undefined): Key {
  if (key !== null && key !== undefined) return key;
  throw new ArgumentError(
    `${of}().start: ${what} from the run's key, and there is none. Give one, start(task, { key: key(1) }); fit gives its own.`,
  );
}
