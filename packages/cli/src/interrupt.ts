import { constants } from 'node:os';
import { closedOutputCode, onOutputError } from './output.js';

/** Lets Ctrl-C, a termination or a closed output end what is under way in good order. */
export interface Interrupt {
  /** Aborted by the first of them. */
  readonly signal: AbortSignal;
  /** The exit code that goes with it; null when there was none. */
  readonly exitCode: number | null;
  /** Whether there is nobody left who reads the standard output. */
  readonly outputClosed: boolean;
  /** There is nothing under way any more: a signal ends the process, unless it is the first one come twice. */
  release(): void;
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Signals that follow one another sooner are one: the terminal sends Ctrl-C to all of its processes, and pnpm passes it on. */
const oneSignalMs = 1000;

/**
 * The first signal, or an output that closes, aborts `signal` and calls `onFirst`. Another Ctrl-C or termination, a second later
 * or more, calls `onSecond` and ends the process at once; a terminal that closes meanwhile does not.
 */
export function listenForInterrupt({ onFirst, onSecond }: { onFirst: () => void; onSecond: () => void }): Interrupt {
  const controller = new AbortController();
  let exitCode: number | null = null;
  let outputClosed = false;
  let complained = false;
  let released = false;
  let latest = -Infinity;
  const stop = (code: number): void => {
    if (exitCode !== null) return;
    exitCode = code;
    onFirst();
    controller.abort();
  };
  const handle = (name: NodeJS.Signals): void => {
    const repeated = performance.now() - latest < oneSignalMs;
    latest = performance.now();
    const code = 128 + constants.signals[name];
    if (exitCode === null && !released) return stop(code);
    if (repeated || (name === 'SIGHUP' && !released)) return;
    onSecond();
    process.exit(exitCode ?? code);
  };
  for (const name of stopSignals) process.on(name, handle);
  onOutputError((error) => {
    const code = closedOutputCode(error);
    if (code !== null) {
      outputClosed = true;
      stop(code);
    } else if (!complained) {
      complained = true;
      console.error(`The output cannot be written: ${error.message}. The run goes on.`);
    }
  });
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    get outputClosed() {
      return outputClosed;
    },
    release() {
      // The process is about to end, with an exit code of its own.
      released = true;
      onOutputError(() => undefined);
    },
  };
}
