// Made for the project: it imports every entry of every package.
import './everything.js';
import { createBackend as createReference } from '@tempograd/backend-js';
import { createBackend } from '@tempograd/backend-wasm';
import { useBackend } from '@tempograd/core';
import { generate, readTree } from '@tempograd/nn';
import { readSafetensorsFile, writeSafetensorsFile } from '@tempograd/nn/node';
import { learn, model, vocabulary } from './lesson.js';

const wasm = await createBackend({ threads: 2 });
const lessons = [];
for (const backend of [createReference(), wasm]) {
  useBackend(backend);
  const { params, first, last } = await learn();
  let written = '';
  for await (const character of generate(model, params, { vocabulary, prompt: 'how ', length: 20 })) {
    written += character;
  }
  await writeSafetensorsFile('model.safetensors', { tensors: await readTree(params), metadata: {} });
  const tensors = [...(await readSafetensorsFile('model.safetensors')).tensors.keys()];
  lessons.push({ backend: backend.name, first, last, written, tensors });
}
console.log(JSON.stringify({ lessons, threads: wasm.info.threads }));
