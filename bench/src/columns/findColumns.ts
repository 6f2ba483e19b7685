import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Column, FoundColumns, SkippedColumn } from './Column.js';
import { wantedOf } from './wantedOf.js';
import { WorkerProcess } from './WorkerProcess.js';
import { findNode, wasmBuilds, type NodeProgram } from './nodes.js';
import { findPytorch, type PytorchProgram } from './pytorch.js';

const jsWorker = fileURLToPath(new URL('../workers/main.js', import.meta.url));
const pythonWorker = fileURLToPath(new URL('../../workers/pytorch.py', import.meta.url));

/** Which columns are wanted. */
export interface ColumnChoice {
  /** Major versions of Node. */
  readonly nodes: readonly number[];
  /**
   * Names of columns, with or without the version of Node, or parts of names: a column is in when it has one of the names, or one of
   * the parts that are no column's name in its own. Empty: the default ones.
   */
  readonly only: readonly string[];
  /** Pythons to time PyTorch in, one a version; empty: the first one found. */
  readonly python: readonly string[];
}

/** The columns that are wanted and can be had, each a process of its own. */
export async function findColumns(choice: ColumnChoice): Promise<FoundColumns> {
  const skipped: SkippedColumn[] = [];
  const columns: Column[] = [];
  const nodes: NodeProgram[] = [];
  for (const major of choice.nodes) {
    try {
      nodes.push(await findNode(major));
    } catch (error) {
      skipped.push({ id: `*@${major}`, reason: (error as Error).message });
    }
  }
  const newest = Math.max(...nodes.map(({ major }) => major));
  for (const node of nodes) columns.push(...(await columnsOfNode(node, node.major === newest, choice.only.length > 0)));
  const found = await findPytorch(choice.python);
  for (const pytorch of found.programs) columns.push(...pytorchColumns(pytorch, choice.only.length > 0));
  skipped.push(...found.skipped);
  const wanted = wantedOf(choice.only, [...columns, ...skipped]);
  return { columns: columns.filter(({ id }) => wanted(id)), skipped: skipped.filter(({ id }) => wanted(id)) };
}

/** The slowest columns, slow ones on an older Node, and builds of the wasm backend other than the one that comes unasked are in only when named. */
async function columnsOfNode(node: NodeProgram, newest: boolean, all: boolean): Promise<Column[]> {
  const builds = all ? ['auto', ...(await wasmBuilds(node))] : ['auto'];
  const threads = [...new Set([1, Math.min(2, availableParallelism())])];
  const ours = builds.flatMap((build) =>
    threads.map((count) => {
      const name = build === 'auto' ? `wasm-${count}` : `wasm-${build}-${count}`;
      return worker(node, 'tempograd', name, ['wasm', build, String(count)]);
    }),
  );
  const tfjsWasm = worker(node, 'tfjs', 'tfjs-wasm', ['tfjs', 'wasm']);
  const adapterWasm = worker(node, 'adapter', 'tfjs-adapter-wasm', ['tfjs-adapter', 'wasm']);
  if (!newest && !all) return [...ours, tfjsWasm];
  return [
    ...ours,
    worker(node, 'tempograd', 'js', ['js']),
    ...(all ? gpuColumns(node) : []),
    worker(node, 'jax', 'jax-wasm', ['jax', 'wasm']),
    tfjsWasm,
    adapterWasm,
    worker(node, 'tfjs', 'tfjs-cpu', ['tfjs', 'cpu']),
    ...(all ? [worker(node, 'adapter', 'tfjs-adapter-cpu', ['tfjs-adapter', 'cpu'])] : []),
  ];
}

/** Columns on the GPU, which are in only when named. */
function gpuColumns(node: NodeProgram): Column[] {
  return [
    worker(node, 'tempograd', 'webgpu', ['webgpu']),
    worker(node, 'jax', 'jax-webgpu', ['jax', 'webgpu']),
    worker(node, 'tfjs', 'tfjs-webgpu', ['tfjs', 'webgpu']),
  ];
}

function worker(node: NodeProgram, kind: Column['kind'], name: string, settings: string[]): Column {
  return {
    id: `${name}@${node.major}`,
    kind,
    start: () => WorkerProcess.start({ command: node.path, args: [jsWorker, ...settings] }),
    fullStep: kind !== 'jax',
    // What the device does is not waited for, call by call.
    timesProducts: kind === 'tempograd' && name !== 'webgpu',
    breaksDown: kind === 'tempograd' && name !== 'webgpu',
  };
}

/** A process for each of PyTorch's thread settings: OpenMP's and OpenBLAS's, 1 or all cores each; and one on the GPU where that is wanted. */
function pytorchColumns({ python, version }: PytorchProgram, gpu: boolean): Column[] {
  const counts = [...new Set([1, availableParallelism()])];
  const processors = counts.flatMap((omp) =>
    counts.map((blas) => ({
      id: `pytorch-omp${omp}-blas${blas}@${version}`,
      kind: 'pytorch' as const,
      start: () =>
        WorkerProcess.start({
          command: python,
          args: [pythonWorker],
          env: { OMP_NUM_THREADS: String(omp), OPENBLAS_NUM_THREADS: String(blas) },
        }),
      fullStep: true,
      timesProducts: true,
      breaksDown: false,
    })),
  );
  if (!gpu) return processors;
  return [
    ...processors,
    {
      id: `pytorch-cuda@${version}`,
      kind: 'pytorch',
      start: () => WorkerProcess.start({ command: python, args: [pythonWorker, 'cuda'] }),
      fullStep: true,
      timesProducts: true,
      breaksDown: false,
    },
  ];
}
