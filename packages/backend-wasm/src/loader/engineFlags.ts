// V8's flags, which Node lets a program set. They hold for all threads of the process.

/** A flag as it is while something runs, and as it is by default; only one that this V8 knows, since it complains of others. */
export interface Flag {
  readonly set: string;
  readonly default: string;
}

/** V8's version as major.minor, in Node itself, where its flags can be changed; 0 elsewhere. */
export function settableV8(): number {
  const versions = globalThis.process?.versions as NodeJS.ProcessVersions | undefined;
  // These have Node's modules, but not its freedom: flags are frozen, or another engine is behind them.
  if (versions?.v8 === undefined || versions['electron'] || versions['bun'] || versions['deno']) return 0;
  return v8() === undefined ? 0 : Number.parseFloat(versions.v8);
}

/** Sets the flags while `run` runs, and puts each back as the process was started with. Nothing else of this thread runs meanwhile. */
export function withFlags<T>(flags: readonly Flag[], run: () => T): T {
  for (const { set } of flags) setFlag(set);
  try {
    return run();
  } finally {
    for (const flag of flags) setFlag(startedWith(flag.set) ?? flag.default);
  }
}

/** Whether this is the thread that a Node process began with. */
export function isMainThread(): boolean {
  return globalThis.process?.getBuiltinModule?.('node:worker_threads')?.isMainThread ?? false;
}

/** Sets a flag for the rest of the process. */
export function setFlag(flag: string): void {
  v8()?.setFlagsFromString(flag);
}

/** How the process was started with a flag, on or off: as the command line has it, or null where it says nothing. */
export function startedWith(flag: string): string | null {
  const argument = globalThis.process?.execArgv?.findLast((other) => nameOf(other) === nameOf(flag));
  return argument ?? null;
}

/** `liftoff` of `--no-liftoff` and of `--liftoff`; V8 takes dashes and underscores for the same. */
function nameOf(flag: string): string {
  return flag
    .replaceAll('_', '-')
    .replace(/^--(no-?)?/, '')
    .replace(/=.*/, '');
}

const v8 = () => globalThis.process?.getBuiltinModule?.('node:v8');
