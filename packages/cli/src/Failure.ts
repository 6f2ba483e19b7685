/** Exit codes of the command; `tempograd --help` lists them. */
export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  /** A closed terminal. */
  hungUp: 129,
  interrupted: 130,
  /** A reader of the output that went away. */
  outputClosed: 141,
} as const;

/** Something the user can put right: shown as its message alone, without a stack. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? exitCodes.failure;
  }
}

/** The command line itself is wrong. */
export class UsageError extends Failure {
  constructor(message: string) {
    super(message, { exitCode: exitCodes.usage });
  }
}

/** The code of an error of Node's, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What an error says; whatever else was thrown, as a text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
