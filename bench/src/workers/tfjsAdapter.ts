import { tfjs } from '@tempograd/backend-tfjs';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from './Engine.js';
import { startTfjs, type TfjsBackend } from './startTfjs.js';
import { engineOf } from './tempograd.js';

/** This library on TensorFlow.js, by its adapter. */
export async function tfjsAdapterEngine(backend: TfjsBackend): Promise<Engine> {
  const details = await startTfjs(backend);
  const engine = engineOf(tfjs(tf));
  return { ...engine, facts: { ...engine.facts, details: { ...engine.facts.details, ...details } } };
}
