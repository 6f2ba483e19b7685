import * as ort from 'onnxruntime-web';
import type { Tensor } from '@tempograd/core';
import { afterEach } from 'vitest';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** What an output of onnxruntime is. */
export interface RuntimeOutput {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Runs a file in onnxruntime. */
export interface RuntimeSession {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  run(feeds: Readonly<Record<string, ort.Tensor>>): Promise<Record<string, RuntimeOutput>>;
  release(): Promise<void>;
}

/** Loads files into onnxruntime, for the tests of a file; each is let go when its test is over. */
export function useRuntime(): (bytes: Uint8Array) => Promise<RuntimeSession> {
  const sessions: RuntimeSession[] = [];
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.release();
  });
  return async (bytes) => {
    const session = await runtimeSession(bytes);
    sessions.push(session);
    return session;
  };
}

/** Loads a file into onnxruntime. */
async function runtimeSession(bytes: Uint8Array): Promise<RuntimeSession> {
  const session = await ort.InferenceSession.create(bytes);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds) {
      const results = Object.entries(await session.run(feeds));
      return Object.fromEntries(
        results.map(([name, { dims, data }]) => [name, { shape: dims, data: data as Float32Array }]),
      );
    },
    release: () => session.release(),
  };
}

/** A tensor of ours for onnxruntime. */
export function feed(tensor: Tensor): ort.Tensor {
  const values = tensor.readSync();
  if (tensor.dtype === 'i32') return new ort.Tensor('int32', Int32Array.from(values), tensor.shape);
  return new ort.Tensor('float32', Float32Array.from(values), tensor.shape);
}

/** Rows of true and false for onnxruntime. */
export function feedFlags(flags: readonly boolean[]): ort.Tensor {
  return new ort.Tensor('bool', flags, [flags.length]);
}

/** What onnxruntime gave, for the next run. */
export function feedBack({ data, shape }: RuntimeOutput): ort.Tensor {
  return new ort.Tensor('float32', data, shape);
}
