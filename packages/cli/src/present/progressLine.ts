import { clock, count, figures } from './format.js';
import type { Progress } from './TrainView.js';

/** Figures in the order in which a narrow terminal does without them: the last go first. */
function figuresOf(progress: Progress): string[] {
  const { recentBitsPerCharacter, charactersPerSecond, gradientNorm, learningRate, secondsLeft } = progress;
  return [
    `${recentBitsPerCharacter.toFixed(2)} bits/char`,
    `${clock(secondsLeft)} left`,
    `${count(charactersPerSecond)} chars/s`,
    `norm ${gradientNorm.toFixed(2)}`,
    `rate ${figures(learningRate)}`,
  ];
}

/** How far it is, ` 45%`. */
function percentage({ update, updates }: Progress): string {
  return `${String(Math.floor((100 * update) / Math.max(updates, 1))).padStart(3)}%`;
}

/** One line with everything, for where lines stay. */
export function progressLine(progress: Progress): string {
  const { update, updates } = progress;
  return [`${percentage(progress)}  update ${count(update)} of ${count(updates)}`, ...figuresOf(progress)].join(' · ');
}

/** A bar of the terminal's width with as many figures as leave it some room. */
export function progressBar(progress: Progress, columns: number): string {
  const leastBar = 8;
  const all = figuresOf(progress);
  for (let shown = all.length; ; shown--) {
    const tail = [percentage(progress), ...all.slice(0, shown)].join(' · ');
    const room = columns - tail.length - 3;
    if (room < leastBar && shown > 0) continue;
    return `${bar(progress, Math.max(0, Math.min(40, room)))} ${tail}`;
  }
}

function bar({ update, updates }: Progress, width: number): string {
  const filled = Math.round((width * update) / Math.max(updates, 1));
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
