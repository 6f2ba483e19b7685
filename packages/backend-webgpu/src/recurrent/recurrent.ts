import type { FusedOps } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { halveKernel } from './halve.js';
import { packBackwardKernel, packForwardKernel } from './packWeights.js';
import type { RecurrentChoice } from './path.js';
import { planRowsKernel } from './plan.js';
import { backwardKernels, finishBackwardKernel, recurrentBackward, startBackwardKernel } from './recurrentBackward.js';
import { finishForwardKernel, forwardKernels, recurrentForward, startForwardKernel } from './recurrentForward.js';
import { clearRowsKernel } from './weightGradients.js';

export const recurrentKernels: readonly Kernel[] = [
  packForwardKernel,
  packBackwardKernel,
  halveKernel,
  planRowsKernel,
  clearRowsKernel,
  startForwardKernel,
  forwardKernels.step,
  forwardKernels.segment,
  finishForwardKernel,
  startBackwardKernel,
  backwardKernels.step,
  backwardKernels.segment,
  finishBackwardKernel,
];

/** Whole segments of the standard cells, on the path that suits their size unless one is chosen. */
export function recurrentOps(
  gpu: Gpu,
  choice: RecurrentChoice = {},
): Pick<FusedOps<Handle>, 'recurrentForward' | 'recurrentBackward'> {
  return {
    recurrentForward: (args, save) => recurrentForward(gpu, args, save, choice),
    recurrentBackward: (args) => recurrentBackward(gpu, args, choice),
  };
}
