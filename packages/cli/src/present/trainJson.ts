import type { TrainView } from './TrainView.js';
import { writeJson } from './writeJson.js';

/** One JSON object a line, each with an `event`. */
export function trainJson(): TrainView {
  return {
    note: (message) => writeJson({ event: 'note', message }),
    plan: (plan) => writeJson({ event: 'plan', ...plan }),
    progress: (progress) => writeJson({ event: 'progress', ...progress }),
    milestone: (milestone) => writeJson({ event: 'milestone', ...milestone }),
    unsaved: (unsaved) => writeJson({ event: 'unsaved', ...unsaved }),
    stopping: () => writeJson({ event: 'stopping' }),
    stopped: (stopped) => writeJson({ event: 'stopped', ...stopped }),
    done: (summary) => writeJson({ event: 'done', ...summary }),
    close() {},
  };
}
