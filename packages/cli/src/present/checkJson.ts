import type { CheckView } from './CheckView.js';
import { writeJson } from './writeJson.js';

/** One JSON object a line, each with an `event`. Numbers that are not finite become null. */
export function checkJson(): CheckView {
  return {
    progress() {},
    endProgress() {},
    stopping: () => writeJson({ event: 'stopping' }),
    stopped: () => writeJson({ event: 'stopped' }),
    report: (report) => writeJson({ event: 'report', ...report }),
    oneOfSeveral: (report) => writeJson({ event: 'report', ...report }),
    comparison: (comparison) => writeJson({ event: 'comparison', ...comparison }),
    written() {},
    close() {},
  };
}
