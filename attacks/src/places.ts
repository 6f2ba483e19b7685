import { tfjs } from '@tempograd/backend-tfjs';
import { availableBuilds, createBackend, type Build } from '@tempograd/backend-wasm';
import type { Backend, FloatDType } from '@tempograd/core/backend';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

/** Where something is computed. */
export interface Place {
  readonly backend: Backend;
  readonly dtype: FloatDType;
  /** As failures name it. */
  readonly name: string;
}

/** One wasm backend for each build that runs here. */
export function wasmPlaces(threads = 1): Promise<Place[]> {
  return Promise.all(availableBuilds().map((build) => wasmPlace(build, threads)));
}

/** A wasm backend that shares out all work, however little. */
export async function wasmPlace(build: Build, threads: number): Promise<Place> {
  const backend = await createBackend({ build, threads, parallelFrom: 0, poison: true });
  return { backend, dtype: 'f32', name: `wasm ${build}, ${threads} ${threads === 1 ? 'thread' : 'threads'}` };
}

/** The backend of tfjs that needs no device. */
export async function tfjsPlace(): Promise<Place> {
  await tf.setBackend('cpu');
  await tf.ready();
  return { backend: tfjs(tf), dtype: 'f32', name: 'tfjs cpu' };
}

/** Ends what works for the backends. */
export function disposePlaces(places: readonly Place[]): void {
  for (const { backend } of places) backend.dispose?.();
}
