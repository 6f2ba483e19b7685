import { MultiBar } from 'cli-progress';
import { terminalWidth } from './format.js';
import { progressBar, progressLine } from './progressLine.js';
import type { Progress } from './TrainView.js';

/** A place for progress, and for lines that stay above it. */
export interface LiveProgress {
  update(progress: Progress): void;
  print(text: string): void;
  stop(): void;
}

/** A bar on a terminal; where there is none, a line now and then. */
export function liveProgress(): LiveProgress {
  return process.stdout.isTTY ? barProgress() : lineProgress();
}

/** Terminals show `^C` behind the bar; where it did not fit, the bar would be drawn twice. */
const roomForEcho = 2;

function barProgress(): LiveProgress {
  let bars: MultiBar | null = null;
  let bar: ReturnType<MultiBar['create']> | null = null;
  return {
    update(progress) {
      bars ??= new MultiBar({
        stream: process.stdout,
        hideCursor: true,
        fps: 8,
        format: (_options, _params, payload: { progress: Progress }) =>
          progressBar(payload.progress, terminalWidth() - roomForEcho),
      });
      bar ??= bars.create(progress.updates, progress.update, { progress });
      bar.update(progress.update, { progress });
    },
    print(text) {
      if (bars === null) process.stdout.write(`${text}\n`);
      else {
        bars.log(`${text}\n`);
        bars.update();
      }
    },
    stop() {
      bars?.stop();
      bars = null;
      bar = null;
    },
  };
}

/** Milliseconds from one line to the next. */
const lineEvery = 10_000;

function lineProgress(): LiveProgress {
  let shown = -Infinity;
  let latest: Progress | null = null;
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  return {
    update(progress) {
      latest = progress;
      if (performance.now() - shown < lineEvery) return;
      shown = performance.now();
      latest = null;
      print(progressLine(progress));
    },
    print,
    stop() {
      if (latest !== null) print(progressLine(latest));
      latest = null;
    },
  };
}
