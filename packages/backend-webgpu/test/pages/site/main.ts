import { createBackend } from '../../../src/index.js';
import { lossesOf } from '../../support/lossesOf.js';

/** What a training saw of its page. */
export interface HiddenTraining {
  readonly losses: readonly number[];
  /** Whether the page was hidden at the beginning and at the end. */
  readonly hidden: readonly boolean[];
  /** Frames that were drawn meanwhile. */
  readonly frames: number;
}

/** Trains so many updates. */
async function train(updates: number): Promise<HiddenTraining> {
  const hidden = [document.hidden];
  let frames = 0;
  const count = (): void => {
    frames++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const backend = await createBackend();
  const losses = await lossesOf(backend, 6, { updates });
  backend.dispose?.();
  return { losses, hidden: [...hidden, document.hidden], frames };
}

declare global {
  interface Window {
    train?: typeof train;
  }
}

window.train = train;
