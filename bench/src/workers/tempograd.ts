import { createBackend as createJsBackend } from '@tempograd/backend-js';
import { createBackend as createWasmBackend } from '@tempograd/backend-wasm';
import { createBackend as createWebGpuBackend } from '@tempograd/backend-webgpu';
import {
  fromArray,
  shareTree,
  key,
  scope,
  treeEntries,
  treeLeaves,
  treeFill,
  truncatedBptt,
  disposeTree,
  useBackend,
  withBackend,
  type Backend,
  type Tensor,
} from '@tempograd/core';
import {
  adam,
  charModel,
  clipByGlobalNorm,
  type SequenceModel,
  type SequenceModelConfig,
  type SequenceModelParams,
} from '@tempograd/nn';
import type { Row } from '../grid/Row.js';
import type { ColumnFacts, Engine, Job } from './Engine.js';
import { minimalGatedUnit } from './minimalGatedUnit.js';
import { learningRate, maxNorm, parametersOf, tokenBatches } from './numbers.js';
import { oneBehind } from './oneBehind.js';
import { runtime } from './runtime.js';
import { timingBackend } from './timingBackend.js';

/** This library on its reference backend. */
export function jsEngine(): Engine {
  return engineOf(createJsBackend());
}

/** This library on its WebAssembly backend. */
export async function wasmEngine(build: 'auto' | 'simd' | 'relaxed' | 'wide', threads: number): Promise<Engine> {
  return engineOf(await createWasmBackend({ build, threads }));
}

/** This library on the GPU. */
export async function webgpuEngine(): Promise<Engine> {
  return engineOf(await createWebGpuBackend());
}

/** This library on some backend. */
export function engineOf(backend: Backend): Engine {
  useBackend(backend);
  return {
    facts: factsOf(backend),
    prepare: (row) => (row.mode === 'train' ? trainingJob(row) : inferenceJob(row)),
    product(size) {
      const values = Float32Array.from({ length: size * size }, (_, i) => (i % 17) / 17);
      const [a, b] = [fromArray(values, [size, size]), fromArray(values, [size, size])] as unknown as [never, never];
      return {
        multiply: () => backend.release(backend.matmul(a, b, false, true)),
        dispose: () => disposeTree([a, b]),
      };
    },
    breakdown(row, seconds) {
      const timed = timingBackend(backend);
      return withBackend(timed.backend, () => {
        const job = row.mode === 'train' ? trainingJob(row) : inferenceJob(row);
        try {
          return timed.measure(() => void job.step(), seconds);
        } finally {
          job.dispose();
        }
      });
    },
  };
}

function trainingJob(row: Row): Job {
  const { model, params, parameters } = modelOf(row);
  const characters = row.time * row.batch;
  const batches = tokenBatches(row).map(({ inputs, targets }) => ({
    inputs: fromArray(inputs, [row.time, row.batch], { dtype: 'i32' }),
    targets: fromArray(targets, [row.time, row.batch], { dtype: 'i32' }),
  }));
  const optimiser = adam({ learningRate });
  const state = optimiser.init(params);
  const carry = scope(() => model.initialCarry(params, row.batch));
  const run = truncatedBptt({ updateEvery: row.time }).start(model, { carry });
  let steps = 0;
  let loss: Tensor | null = null;
  const behind = oneBehind();
  return {
    parameters,
    step() {
      for (const update of run.push(params, batches[steps++ % batches.length] as (typeof batches)[number])) {
        scope(() => {
          const { scale } = clipByGlobalNorm(update.gradient, maxNorm, 1 / characters);
          optimiser.update(params, update.gradient, state, { scale });
        });
        loss?.dispose();
        loss = shareTree(update.loss);
      }
      const result = loss as unknown as Tensor;
      return result.backend.readSync === undefined ? behind(result.read()) : undefined;
    },
    loss: async () => ((await (loss as Tensor).read())[0] as number) / characters,
    dispose() {
      run.dispose();
      disposeTree([params, batches, state.moments, carry]);
    },
  };
}

function inferenceJob(row: Row): Job {
  const { model, params, parameters } = modelOf(row);
  const batches = tokenBatches(row).map(({ inputs }) => fromArray(inputs, [row.time, row.batch], { dtype: 'i32' }));
  let carry = scope(() => model.initialCarry(params, row.batch));
  let steps = 0;
  let logits: ArrayLike<number> = [];
  const take = (values: ArrayLike<number>): void => {
    logits = values;
    largest(logits);
  };
  const awaited = async (out: Tensor): Promise<void> => {
    const values = out.read();
    out.dispose();
    take(await values);
  };
  return {
    parameters,
    step() {
      const { after, out } = scope(() => {
        const inputs = batches[steps++ % batches.length] as Tensor;
        const { output, carry: next } = model.forward(params, carry, { inputs }, { from: 0, key: null });
        return { after: next, out: model.logits(params, output) };
      });
      disposeTree(carry);
      carry = after;
      if (out.backend.readSync === undefined) return awaited(out);
      take(out.readSync());
      out.dispose();
      return undefined;
    },
    loss: () => logits[0] as number,
    dispose: () => disposeTree([params, batches, carry]),
  };
}

function modelOf(row: Row): { model: SequenceModel; params: SequenceModelParams; parameters: number } {
  const { cell, vocabulary, embedding, hidden, layers } = row;
  const model = charModel({ vocabulary, embedding, hidden, layers, cell: cellOf(cell, hidden) });
  const values = new Map(parametersOf(row).map((parameter) => [parameter.name, parameter.values]));
  const drawn = model.init(key(1));
  const given = treeEntries(drawn).map(([path, leaf]) => fromArray(values.get(path) ?? [], leaf.shape));
  const params = treeFill(drawn, given);
  const parameters = treeLeaves(drawn).reduce((sum, leaf) => sum + leaf.size, 0);
  if (treeEntries(params).length !== values.size) throw new Error('The model lacks parameters that PyTorch’s has.');
  disposeTree(drawn);
  return { model, params, parameters };
}

/** What a model calls it. */
function cellOf(cell: Row['cell'], hidden: number): NonNullable<SequenceModelConfig['cell']> {
  if (cell === 'mgu') return minimalGatedUnit(hidden);
  return cell === 'rnn' ? 'rnnTanh' : cell;
}

function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] as number) > (values[best] as number)) best = i;
  return best;
}

function factsOf(backend: Backend): ColumnFacts {
  const details = Object.entries(backend.info).map(([name, value]) => [name, String(value)]);
  const { build } = backend.info;
  if (typeof build === 'string') details.push(['vectors', build === 'wide' ? '256 bits' : '128 bits']);
  return { runtime: runtime(), version: backend.name, details: Object.fromEntries(details) };
}
