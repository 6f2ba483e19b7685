// In a process of its own: trains until Ctrl-C, and says what was saved.
import { createBackend } from '@tempograd/backend-js';
import { useBackend } from '@tempograd/core';
import { checkpointInfo, fit, memoryCheckpointStore } from '../../src/index.js';
import { settings } from '../fit/training.js';
import { endless } from './endless.js';

useBackend(createBackend());
const stop = new AbortController();
process.once('SIGINT', () => {
  process.stdout.write('interrupted\n');
  stop.abort();
});
const data = endless(() => false);
const store = memoryCheckpointStore();
let taken = 0;
for await (const { update } of fit(settings({ data, signal: stop.signal, checkpoint: { store } }))) {
  if (update === 1) process.stdout.write('training\n');
  taken = update;
}
const checkpoint = await store.load();
const whole = checkpoint !== null && checkpointInfo(checkpoint).update === taken && !data.gaveUp();
process.stdout.write(whole ? 'saved\n' : 'not saved\n');
