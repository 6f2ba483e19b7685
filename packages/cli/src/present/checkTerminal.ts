import { SingleBar } from 'cli-progress';
import type { CheckProgress, CheckView } from './CheckView.js';
import { describeComparison } from './describeComparison.js';
import { describeReport } from './describeReport.js';
import { count, terminalWidth } from './format.js';

/** A check shown to people: on a terminal with a line of progress. */
export function checkTerminal(): CheckView {
  const line = progressLine();
  const print = (text: string): void => {
    line.stop();
    console.log(text);
  };
  let stopping = false;
  return {
    progress(progress) {
      if (!stopping) line.update(progress);
    },
    endProgress: () => line.stop(),
    stopping() {
      stopping = true;
      print('\nStopping after this case. Ctrl-C again quits at once.');
    },
    stopped: () => print('Stopped before the end: nothing is proven.'),
    report: (report) => print(describeReport(report)),
    oneOfSeveral() {},
    comparison: (comparison) => print(describeComparison(comparison)),
    written: (file) => print(`Report: ${file}`),
    close: () => line.stop(),
  };
}

/** How far the suite is, in one line that goes away; without a terminal nothing, since the table follows. */
function progressLine(): { update(progress: CheckProgress): void; stop(): void } {
  if (!process.stdout.isTTY) return { update() {}, stop() {} };
  let bar: SingleBar | null = null;
  return {
    update({ name, place, outcome: { group, op }, done, total }) {
      if (bar === null) {
        bar = new SingleBar({
          stream: process.stdout,
          hideCursor: true,
          clearOnComplete: true,
          format: (_options, _params, payload: { line: string }) => payload.line,
        });
        bar.start(total, 0, { line: '' });
      }
      const backend = place === null ? name : `${name} (${place})`;
      const line = `Checking ${backend}: ${count(done)} of ${count(total)} cases · ${group} · ${op}`;
      bar.update(done, { line: line.slice(0, terminalWidth() - 1) });
    },
    stop() {
      bar?.stop();
      bar = null;
    },
  };
}
