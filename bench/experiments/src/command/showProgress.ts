import { SingleBar } from 'cli-progress';

/** How far a run is, on the error output: figures alone go to the standard output. */
export interface ProgressView {
  readonly update: (share: number, what: string) => void;
  readonly stop: () => void;
}

/** A bar on a terminal; elsewhere a line every ten seconds. Nothing of it outlives an interrupt. */
export function showProgress(): ProgressView {
  const begin = performance.now();
  const format = '{bar} {percentage}% {text}';
  // A cursor that is hidden would stay so where Ctrl-C ends the process at once.
  const bar = new SingleBar({ format, hideCursor: false, clearOnComplete: true, stream: process.stderr });
  let printed = begin;
  let started = false;
  return {
    update(share, what) {
      const done = Math.min(Math.max(share, 0), 1);
      const text = `${what}${timeLeft(done, (performance.now() - begin) / 1000)}`;
      if (process.stderr.isTTY) {
        if (!started) bar.start(1, done, { text });
        else bar.update(done, { text });
        started = true;
      } else if (performance.now() - printed > 10_000) {
        printed = performance.now();
        process.stderr.write(`${Math.floor(100 * done)}% ${text}\n`);
      }
    },
    stop() {
      if (started) bar.stop();
    },
  };
}

/** `, 2:05 left`, once enough is done to tell. */
function timeLeft(done: number, seconds: number): string {
  if (done <= 0 || seconds < 2) return '';
  const left = Math.round((seconds * (1 - done)) / done);
  return `, ${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')} left`;
}
