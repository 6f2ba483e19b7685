import { codeOf, exitCodes } from './Failure.js';

type Listener = (error: Error) => void;

let listener: Listener = quit;

/** Hears of writes to the standard output that fail; until a listener is set they end the process. */
export function watchOutput(): void {
  process.stdout.on('error', (error) => listener(error));
  // Of an error output that has gone nothing can be said.
  process.stderr.on('error', () => undefined);
}

/** Sets who is told when the standard output cannot be written. */
export function onOutputError(next: Listener): void {
  listener = next;
}

/** The exit code for an output that has gone: that of a broken pipe, or of a closed terminal; null for another error. */
export function closedOutputCode(error: Error): number | null {
  switch (codeOf(error)) {
    case 'EPIPE':
      return exitCodes.outputClosed;
    case 'EIO':
      return exitCodes.hungUp;
    default:
      return null;
  }
}

function quit(error: Error): void {
  // Whoever reads the output may stop before its end, such as `head`.
  if (closedOutputCode(error) !== null) process.exit(exitCodes.ok);
  console.error(`The output cannot be written: ${error.message}`);
  process.exit(exitCodes.failure);
}
