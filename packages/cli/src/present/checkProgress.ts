import type { CaseOutcome } from '@tempograd/conformance';
import { SingleBar } from 'cli-progress';
import { count, terminalWidth } from './format.js';

/** Shows how far the conformance suite is; without a terminal nothing, since the table follows. */
export function checkProgress(backend: string): {
  update(outcome: CaseOutcome, done: number, total: number): void;
  stop(): void;
} {
  if (!process.stdout.isTTY) return { update() {}, stop() {} };
  let bar: SingleBar | null = null;
  return {
    update({ group, op }, done, total) {
      if (bar === null) {
        bar = new SingleBar({
          stream: process.stdout,
          hideCursor: true,
          clearOnComplete: true,
          format: (_options, _params, payload: { line: string }) => payload.line,
        });
        bar.start(total, 0, { line: '' });
      }
      const line = `Checking ${backend}: ${count(done)} of ${count(total)} cases · ${group} · ${op}`;
      bar.update(done, { line: line.slice(0, terminalWidth() - 1) });
    },
    stop() {
      bar?.stop();
    },
  };
}
