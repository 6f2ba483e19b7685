import { units } from '../text/unit.js';
import { bytes, clock, count, figures } from './format.js';
import type { Shown } from './liveProgress.js';
import type { Progress, Reading } from './TrainView.js';

/** Columns that a bar needs to tell anything. */
const leastBar = 8;

/** Figures in the order in which a narrow terminal does without them: the last go first. */
function figuresOf(progress: Progress): string[] {
  const { unit, recentBitsPerItem, itemsPerSecond, gradientNorm, learningRate, secondsLeft } = progress;
  return [
    `${recentBitsPerItem.toFixed(2)} bits/${units[unit].short}`,
    `${clock(secondsLeft)} left`,
    `${count(itemsPerSecond)} ${units[unit].short}s/s`,
    `norm ${gradientNorm.toFixed(2)}`,
    `rate ${figures(learningRate)}`,
  ];
}

/** How far it is, ` 45%`. */
function percentage({ update, updates }: Progress): string {
  return `${String(Math.floor((100 * update) / Math.max(updates, 1))).padStart(3)}%`;
}

/** A training: on a line everything, beside a bar as many figures as leave it some room. */
export function shownProgress(progress: Progress): Shown {
  const { update, updates } = progress;
  const all = figuresOf(progress);
  return {
    line: () => [`${percentage(progress)}  update ${count(update)} of ${count(updates)}`, ...all].join(' · '),
    bar(columns) {
      for (let shown = all.length; ; shown--) {
        const tail = [percentage(progress), ...all.slice(0, shown)].join(' · ');
        const room = columns - tail.length - 3;
        if (room < leastBar && shown > 0) continue;
        return `${bar(update / Math.max(updates, 1), room)} ${tail}`;
      }
    },
  };
}

/** A text that is being read. */
export function shownReading({ title, bytes: read, of }: Reading): Shown {
  const line = `Reading ${title} · ${bytes(read)} of ${bytes(of)}`;
  return {
    line: () => line,
    bar(columns) {
      const room = columns - line.length - 3;
      return room < leastBar ? bar(read / of, columns) : `${bar(read / of, room)} ${line}`;
    },
  };
}

function bar(share: number, room: number): string {
  const width = Math.max(0, Math.min(40, room));
  const filled = Math.round(width * share);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
