import { disposeTree } from '@tempograd/core';
import type { DataSource, SequenceStretch } from '../../src/index.js';
import { streams } from '../fit/training.js';

/** Long enough for whatever is waited for, in milliseconds; what never has a turn ends all the same, and its test fails. */
const patience = 20_000;

/** One epoch without end, computed at once: it ends when `enough` says so, or after 20 seconds, which it notes. */
export function endless(enough: () => boolean): DataSource<SequenceStretch> & { readonly gaveUp: () => boolean } {
  const begin = performance.now();
  const source = streams();
  let tired = false;
  return {
    stretches: null,
    gaveUp: () => tired,
    async *open(_position, options) {
      for (;;) {
        for await (const { stretch } of source.open({ epoch: 0, index: 0 }, options)) {
          tired ||= performance.now() - begin > patience;
          if (!tired && !enough()) yield { stretch, ends: false };
          else {
            disposeTree(stretch);
            return;
          }
        }
      }
    },
  };
}
