import type { FusedOps } from '@tempograd/core/backend';
import type { Gpu } from '../engine/Gpu.js';
import type { Kernel } from '../engine/Kernel.js';
import type { Handle } from '../memory/Handle.js';
import { packBackwardKernel, packForwardKernel } from './packWeights.js';
import { planRowsKernel } from './plan.js';
import {
  backwardStepKernel,
  finishBackwardKernel,
  recurrentBackward,
  startBackwardKernel,
} from './recurrentBackward.js';
import { finishForwardKernel, forwardStepKernel, recurrentForward, startForwardKernel } from './recurrentForward.js';
import { clearRowsKernel } from './weightGradients.js';

export const recurrentKernels: readonly Kernel[] = [
  packForwardKernel,
  packBackwardKernel,
  planRowsKernel,
  clearRowsKernel,
  startForwardKernel,
  forwardStepKernel,
  finishForwardKernel,
  startBackwardKernel,
  backwardStepKernel,
  finishBackwardKernel,
];

/** Whole segments of the standard cells. */
export function recurrentOps(gpu: Gpu): Pick<FusedOps<Handle>, 'recurrentForward' | 'recurrentBackward'> {
  return {
    recurrentForward: (args, save) => recurrentForward(gpu, args, save),
    recurrentBackward: (args) => recurrentBackward(gpu, args),
  };
}
