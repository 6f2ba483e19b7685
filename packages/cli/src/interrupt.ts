import { constants } from 'node:os';

/** Lets Ctrl-C end what is under way in good order. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The exit code that goes with the signal; null when there was none. */
  readonly exitCode: number | null;
  /** Signals do again what they did before. */
  release(): void;
}

const stopSignals = ['SIGINT', 'SIGTERM'] as const;

/** The first Ctrl-C (or SIGTERM) aborts the signal and calls `onFirst`; the second calls `onSecond` and ends the process at once. */
export function listenForInterrupt({ onFirst, onSecond }: { onFirst: () => void; onSecond: () => void }): Interrupt {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const handle = (name: NodeJS.Signals): void => {
    if (exitCode !== null) {
      onSecond();
      process.exit(exitCode);
    }
    exitCode = 128 + constants.signals[name];
    onFirst();
    controller.abort();
  };
  for (const name of stopSignals) process.on(name, handle);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release() {
      for (const name of stopSignals) process.off(name, handle);
    },
  };
}
