import { binaryKernel, compareKernel, powKernel, selectKernel } from './elementwise/pairs.js';
import { basicKernel, expKernel, gatesKernel, logKernel, trigKernel } from './elementwise/unary.js';
import type { Kernel } from './engine/Kernel.js';
import { fillKernel } from './engine/fill.js';
import { concatKernel } from './layout/concat.js';
import { copyKernel, transposeKernel } from './layout/layout.js';
import { packKernel } from './optimiser/Controls.js';
import { adamKernel, rmspropKernel, sgdKernel } from './optimiser/optimisers.js';
import { skinnyKernel, sumPiecesKernel, tileKernel } from './product/plan.js';
import { recurrentKernels } from './recurrent/recurrent.js';
import { reduceKernel } from './reduce/enqueueReduction.js';
import { addRunsKernel, rankRowsKernel, scatterFewKernel, scatterScanKernel } from './rows/enqueueScatterAdd.js';
import { gatherKernel } from './rows/gather.js';
import { rootKernel, squaresKernel } from './norm/globalNorm.js';
import { layerNormAffineKernel, layerNormInputKernel, layerNormKernel } from './norm/layerNorm.js';
import { softmaxCrossEntropyKernel } from './norm/softmaxCrossEntropy.js';
import { randomUniformKernel } from './random/randomUniform.js';
import { linearScanBackwardKernel, linearScanKernel } from './scan/linearScan.js';

/** Every kernel, for the build, which checks them. */
export const kernels: readonly Kernel[] = [
  fillKernel,
  basicKernel,
  expKernel,
  gatesKernel,
  logKernel,
  trigKernel,
  binaryKernel,
  powKernel,
  compareKernel,
  selectKernel,
  copyKernel,
  concatKernel,
  transposeKernel,
  tileKernel,
  skinnyKernel,
  sumPiecesKernel,
  packKernel,
  adamKernel,
  sgdKernel,
  rmspropKernel,
  reduceKernel,
  gatherKernel,
  scatterFewKernel,
  scatterScanKernel,
  rankRowsKernel,
  addRunsKernel,
  softmaxCrossEntropyKernel,
  layerNormKernel,
  layerNormInputKernel,
  layerNormAffineKernel,
  squaresKernel,
  rootKernel,
  randomUniformKernel,
  linearScanKernel,
  linearScanBackwardKernel,
  ...recurrentKernels,
];
