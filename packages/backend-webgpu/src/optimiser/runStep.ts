import { sizeOf } from '@tempograd/core/backend';
import type { Operand, StepControls } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel, Variant } from '../engine/Kernel.js';
import type { Params } from '../engine/Params.js';
import type { Handle } from '../memory/Handle.js';
import { storageOf } from '../memory/Handle.js';
import { Controls } from './Controls.js';

type X = Operand<Handle>;

/** Elements that a workgroup steps. */
const groupElements = 1024;

/** An optimiser's step on one parameter. */
export interface Step {
  readonly kernel: Kernel;
  readonly key: string;
  readonly variant: () => Variant;
  readonly parameter: X;
  readonly gradient: X;
  /** What else is overwritten, in the order of the kernel's bindings; null for what this variant has not. */
  readonly states: readonly (X | null)[];
  readonly controls: StepControls<Handle>;
  /** Appends the settings to the parameters of the dispatch, after size and starts. */
  readonly settings: (params: Params) => void;
}

/**
 * Enqueues a step: one dispatch. What it overwrites has storage of its own by now; a gradient or scalar that lies in it is copied.
 */
export function runStep(gpu: Gpu, step: Step): void {
  const { kernel, key, variant, parameter, states } = step;
  const size = sizeOf(parameter.shape);
  if (size === 0) return;
  const scratch: Handle[] = [];
  const standIn = (): Handle => {
    const handle = gpu.allocate([1], 'f32');
    scratch.push(handle);
    return handle;
  };
  const overwritten = [parameter.handle, ...states.map((x) => x?.handle ?? standIn())];
  const written = overwritten.map((handle) => storageOf(handle).buffer);
  let gradient = step.gradient.handle;
  if (written.includes(storageOf(gradient).buffer)) {
    gradient = gpu.allocate(parameter.shape, 'f32');
    scratch.push(gradient);
    const { buffer } = storageOf(gradient);
    gpu.commands.copy(gpu.buffer(step.gradient), step.gradient.handle.offset * 4, buffer.gpu, 0, size * 4);
    buffer.lastUse = gpu.commands.number;
  }
  const gradientBuffer = storageOf(gradient).buffer;
  const controls = Controls.of(gpu, step.controls, gradientBuffer, written);
  const params = gpu.begin().ints(size, gradient.offset);
  for (const { offset } of overwritten) params.ints(offset);
  step.settings(params);
  controls.append(params);
  const buffers = [...controls.buffers, gradientBuffer, ...written];
  gpu.runLinear(kernel, key, variant, buffers, Math.ceil(size / groupElements));
  controls.release(gpu);
  for (const handle of scratch) gpu.heap.release(handle);
}
