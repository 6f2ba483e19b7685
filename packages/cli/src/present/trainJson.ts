import type { TrainView } from './TrainView.js';
import { writeJson } from './writeJson.js';

/** Milliseconds from one event of reading to the next. */
const readingEvery = 1000;

/** One JSON object a line, each with an `event`. */
export function trainJson(): TrainView {
  let readingShown = -Infinity;
  return {
    note: (message) => writeJson({ event: 'note', message }),
    reading(reading) {
      if (performance.now() - readingShown < readingEvery) return;
      readingShown = performance.now();
      writeJson({ event: 'reading', ...reading });
    },
    plan: (plan) => writeJson({ event: 'plan', ...plan }),
    progress: (progress) => writeJson({ event: 'progress', ...progress }),
    health: (health) => writeJson({ event: 'health', ...health }),
    finding: (finding) => writeJson({ event: 'finding', ...finding }),
    milestone: (milestone) => writeJson({ event: 'milestone', ...milestone }),
    unsaved: (unsaved) => writeJson({ event: 'unsaved', ...unsaved }),
    stopping: () => writeJson({ event: 'stopping' }),
    stopped: (stopped) => writeJson({ event: 'stopped', ...stopped }),
    done: (summary) => writeJson({ event: 'done', ...summary }),
    close() {},
  };
}
