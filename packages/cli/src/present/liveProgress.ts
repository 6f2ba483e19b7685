import { MultiBar } from 'cli-progress';
import { terminalWidth } from './format.js';

/** How far something is, in two forms. */
export interface Shown {
  /** For a terminal of so many columns. */
  bar(columns: number): string;
  /** For where lines stay. */
  line(): string;
}

/** A place for progress, and for lines that stay above it. */
export interface LiveProgress {
  update(shown: Shown): void;
  /** What stands in a line of its own below the bar; not shown where lines stay. */
  below(shown: Shown): void;
  print(text: string): void;
  stop(): void;
}

/** A bar on a terminal; where there is none, a line now and then. */
export function liveProgress(): LiveProgress {
  return process.stdout.isTTY ? barProgress() : lineProgress();
}

/** Terminals show `^C` behind the bar; where it did not fit, the bar would be drawn twice. */
const roomForEcho = 2;

/** Clears what stands to the right: lines are printed over the bars. */
const clearRest = '\u001B[K';

function barProgress(): LiveProgress {
  let bars: MultiBar | null = null;
  let bar: ReturnType<MultiBar['create']> | null = null;
  let line: ReturnType<MultiBar['create']> | null = null;
  const open = (): MultiBar =>
    (bars ??= new MultiBar({
      stream: process.stdout,
      hideCursor: true,
      fps: 8,
      format: (_options, _params, payload: { shown: Shown }) => payload.shown.bar(terminalWidth() - roomForEcho),
    }));
  return {
    update(shown) {
      bar ??= open().create(1, 0, { shown });
      bar.update(0, { shown });
    },
    below(shown) {
      if (bar === null) return;
      line ??= open().create(1, 0, { shown });
      line.update(0, { shown });
    },
    print(text) {
      if (bars === null) process.stdout.write(`${text}\n`);
      else {
        bars.log(`${text}\n`.replaceAll('\n', `${clearRest}\n`));
        bars.update();
      }
    },
    stop() {
      bars?.stop();
      bars = null;
      bar = null;
      line = null;
    },
  };
}

/** Milliseconds from one line to the next. */
const lineEvery = 10_000;

function lineProgress(): LiveProgress {
  let printed = -Infinity;
  let latest: Shown | null = null;
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  return {
    update(shown) {
      latest = shown;
      if (performance.now() - printed < lineEvery) return;
      printed = performance.now();
      latest = null;
      print(shown.line());
    },
    below: () => undefined,
    print,
    stop() {
      if (latest !== null) print(latest.line());
      latest = null;
      printed = -Infinity;
    },
  };
}
