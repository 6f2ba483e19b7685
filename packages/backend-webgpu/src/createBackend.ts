import { ArgumentError, checkOptions, optionTable, specificationVersion } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { DeviceChoice } from './device/DeviceChoice.js';
import { deviceInfo } from './device/deviceInfo.js';
import { openDevice } from './device/openDevice.js';
import { pairOps } from './elementwise/pairs.js';
import { unaryOps } from './elementwise/unary.js';
import { setEngine } from './engine/engineOf.js';
import { Gpu } from './engine/Gpu.js';
import type { Kernel } from './engine/Kernel.js';
import { concatOps } from './layout/concat.js';
import { layoutOps } from './layout/layout.js';
import type { Handle } from './memory/Handle.js';
import { optimiserOps } from './optimiser/optimisers.js';
import { globalNormOps } from './norm/globalNorm.js';
import { layerNormOps } from './norm/layerNorm.js';
import { softmaxCrossEntropyOps } from './norm/softmaxCrossEntropy.js';
import { randomOps } from './random/randomUniform.js';
import { linearScanOps } from './scan/linearScan.js';
import { linearOps } from './product/linear.js';
import { matmulOps } from './product/matmul.js';
import { recurrentOps } from './recurrent/recurrent.js';
import { reduceOps } from './reduce/reduce.js';
import { gatherOps } from './rows/gather.js';
import { scatterAddOps } from './rows/scatterAdd.js';
import { read, storageOps } from './storage/storage.js';

/** How the webgpu backend is made; every setting has a good default. */
export interface WebGpuBackendOptions extends DeviceChoice {
  /** The most bytes that buffers may take together. Default: none, until the device has no more. */
  readonly memoryLimit?: number;
  /** Fills new storage with NaN, to find what reads memory before it is written; for tests. Default false. */
  readonly poison?: boolean;
  /**
   * In what recurrent segments keep the weights of their loop over time, packed anew for each, and what they save of gates and
   * cells for the way back. `'f16'` takes half the bytes for it and needs the feature `shader-f16`: both are rounded to 11 bits,
   * finite numbers beyond ±65,504 to that. Sums, states, the input's product, gradients and every tensor stay f32. Default `'f32'`.
   */
  readonly storage?: 'f32' | 'f16';
}

const backendTable = optionTable<WebGpuBackendOptions>({
  device: { wanted: 'a GPUDevice, as adapter.requestDevice() gives it', members: ['createBuffer', 'limits', 'lost'] },
  adapter: {
    wanted: 'a GPUAdapter, as requestAdapter() gives it where it finds one',
    members: ['requestDevice', 'limits', 'info'],
  },
  powerPreference: ['low-power', 'high-performance'],
  memoryLimit: 'number',
  poison: 'boolean',
  storage: ['f32', 'f16'],
});

/** The opaque handle of this backend's tensors. */
export type WebGpuHandle = Handle;

/**
 * Makes the GPU backend: WGSL kernels on f32 and i32, through the WebGPU of a page or worker, or in Node through the package
 * `webgpu`. Ops are gathered and handed in at `flush`, at a read, or when there are many.
 * The caller owns it: `dispose()` gives its buffers back, and destroys the device unless it was given.
 * @throws ArgumentError for an option that makes no sense
 * @throws BackendError where WebGPU, an adapter, a device or f16 is missing; it says what to install or to do
 */
export async function createBackend(options: WebGpuBackendOptions = {}): Promise<Backend<WebGpuHandle>> {
  checkOptions('createBackend', options, backendTable);
  return makeBackend(options);
}

/** What tests set besides, and no user can; in types that need none of WebGPU's, as all that is declared here. */
export interface Internals {
  /** The text of a kernel's shader. */
  readonly codeOf?: ((kernel: Kernel) => string) | undefined;
  /** How segments are run. Default: as suits their size. */
  readonly recurrent?: { readonly path?: 'step' | 'segment'; readonly stretch?: number };
}

/** As `createBackend`, of options that are well-formed. */
export async function makeBackend(
  options: WebGpuBackendOptions,
  { codeOf, recurrent }: Internals = {},
): Promise<Backend<WebGpuHandle>> {
  const { memoryLimit = Infinity, poison = false, storage = 'f32' } = options;
  if (!(memoryLimit >= 2 ** 20))
    throw new ArgumentError(`memoryLimit is ${memoryLimit} bytes; it must be at least 1 MiB.`);
  const opened = await openDevice(options, storage === 'f16');
  const { device } = opened;
  const largest = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
  const ownsDevice = opened.source !== 'given device';
  const gpu = new Gpu(device, { largest, total: memoryLimit, poison, ownsDevice, codeOf });
  const backend: Backend<WebGpuHandle> = {
    specificationVersion,
    name: 'webgpu',
    capabilities: { dtypes: ['f32', 'i32'], views: true, maxBufferBytes: Math.min(largest, memoryLimit) },
    info: { ...deviceInfo(opened), storage },
    read: async (x) => read(gpu, x),
    release: (handle) => gpu.heap.release(handle),
    memory: () => gpu.heap.info(),
    resetPeak: () => gpu.heap.resetPeak(),
    flush: () => gpu.commands.flush(),
    dispose: () => gpu.dispose(),
    ...attempted(gpu, {
      ...storageOps(gpu),
      ...unaryOps(gpu),
      ...pairOps(gpu),
      ...layoutOps(gpu),
      ...concatOps(gpu),
      ...matmulOps(gpu),
      ...linearOps(gpu),
      ...optimiserOps(gpu),
      ...recurrentOps(gpu, { ...recurrent, storage }),
      ...reduceOps(gpu),
      ...gatherOps(gpu),
      ...scatterAddOps(gpu),
      ...softmaxCrossEntropyOps(gpu),
      ...layerNormOps(gpu),
      ...globalNormOps(gpu),
      ...randomOps(gpu),
      ...linearScanOps(gpu),
    }),
  };
  setEngine(backend, gpu);
  return backend;
}

/** The same ops, named in errors with their operands; one that throws leaves nothing behind. */
function attempted<Ops extends object>(gpu: Gpu, ops: Ops): Ops {
  const all = Object.entries(ops) as [string, (...args: unknown[]) => unknown][];
  return Object.fromEntries(
    all.map(([name, op]) => [name, (...args: unknown[]) => gpu.attempt(name, op, args)]),
  ) as Ops;
}
