import type { ProcessMark } from './ProcessMark.js';

/** Who holds a file. */
export interface LockHolder extends ProcessMark {
  readonly host: string;
  /** When it took the file, as ISO 8601. */
  readonly since: string;
}

/** The holder that a lock file names; null where it names none. */
export function parseHolder(text: string): LockHolder | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { pid, space, born, host, since } = Object(value) as Partial<Record<keyof LockHolder, unknown>>;
  const strings = [space, born, host, since].every((each) => typeof each === 'string');
  // Numbers below 1 mean groups of processes.
  return strings && Number.isSafeInteger(pid) && (pid as number) > 0 ? (value as LockHolder) : null;
}
