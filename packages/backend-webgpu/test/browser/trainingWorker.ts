// A worker that trains as many updates as it is told, and answers with the losses, or with what went wrong.

import { createBackend } from '../../src/index.js';
import { lossesOf } from '../support/lossesOf.js';

async function answer(updates: number): Promise<void> {
  try {
    const backend = await createBackend();
    postMessage({ losses: await lossesOf(backend, 6, { updates }), source: backend.info['source'] });
    backend.dispose?.();
  } catch (error) {
    postMessage({ error: String(error) });
  }
}

addEventListener('message', ({ data }: MessageEvent<number>) => void answer(data));
