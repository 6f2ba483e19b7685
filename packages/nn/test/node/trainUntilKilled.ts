// In a process of its own: goes on from the checkpoint at the path given, saves after every update, and tells each loss.
import { createBackend } from '@tempograd/backend-js';
import { useBackend } from '@tempograd/core';
import { fit } from '../../src/index.js';
import { fileCheckpointStore } from '../../src/node/index.js';
import { makeTraining } from './training.js';

useBackend(createBackend());
const store = fileCheckpointStore(process.argv[2] as string);
for await (const { update, loss } of fit({
  ...makeTraining(),
  resume: await store.load(),
  checkpoint: { store, every: 1 },
})) {
  process.stdout.write(`${update} ${loss}\n`);
}
