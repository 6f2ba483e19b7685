import { createBackend } from '@tempograd/backend-js';
import { disposeTree, useBackend } from '@tempograd/core';
import { expect, test } from 'vitest';
import { evaluate, fit, generate } from '../../src/index.js';
import { settings, vocabulary } from '../fit/training.js';
import { endless } from './endless.js';

useBackend(createBackend());

/** Counts the frames that the page draws. */
function countFrames(): { readonly drawn: () => number; readonly stop: () => void } {
  let drawn = 0;
  let request = requestAnimationFrame(function frame() {
    drawn++;
    request = requestAnimationFrame(frame);
  });
  return { drawn: () => drawn, stop: () => cancelAnimationFrame(request) };
}

test('a page draws, and its button works, while a model is trained, evaluated and writes on its own thread', async () => {
  const options = settings();
  const button = document.body.appendChild(document.createElement('button'));
  for (const work of ['train', 'evaluate', 'write'] as const) {
    const { drawn, stop } = countFrames();
    const pressed = new AbortController();
    button.onclick = () => pressed.abort();
    setTimeout(() => button.click(), 50);
    const data = endless(() => drawn() >= 5 && pressed.signal.aborted);
    if (work === 'train') for await (const { update } of fit({ ...options, data })) expect(update).toBeGreaterThan(0);
    if (work === 'evaluate') expect((await evaluate({ ...pick(options), data })).items).toBeGreaterThan(0);
    if (work === 'write') {
      const begin = performance.now();
      for await (const _ of generate(options.task, options.params, { vocabulary }))
        if ((drawn() >= 5 && pressed.signal.aborted) || performance.now() - begin > 20_000) break;
    }
    expect(drawn(), work).toBeGreaterThanOrEqual(5);
    expect(pressed.signal.aborted, work).toBe(true);
    stop();
  }
  button.remove();
  disposeTree(options.params);
});

function pick({ task, params }: ReturnType<typeof settings>): Pick<ReturnType<typeof settings>, 'task' | 'params'> {
  return { task, params };
}
