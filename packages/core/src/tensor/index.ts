export { recordPaths, withoutFusedOps, type PathTaken } from './applyFused.js';
export { consoleFormatter, type ConsoleFormatter } from './consoleFormatter.js';
export { assign } from './assign.js';
export { currentBackend, useBackend, withBackend } from './defaultBackend.js';
export * from './ops/index.js';
export { requireTensor } from './ops/checks.js';
export { isReadable } from './readable.js';
export {
  faultInside,
  faultOfShares,
  requireInside,
  requireShares,
  type InsideNaming,
  type SharesNaming,
} from './ops/inside.js';
export { fromHandle, operandOf } from './handles.js';
export { keep, scope, shareTree } from './scope.js';
export { Tensor } from './Tensor.js';
export { disposeTree, treeEntries, treeFill, treeLeaves, treeLeavesLike, treeMap, treeZip } from './tree.js';
export { globalNorm } from './fused/globalNorm.js';
export { layerNorm } from './fused/layerNorm.js';
export { linear } from './fused/linear.js';
export { adamStep, optimiserSteps, rmspropStep, sgdStep, type OptimiserControls } from './fused/optimiserSteps.js';
export type { StepsCall } from './fused/checkSteps.js';
export type { OptimiserRule, RuleMoments, RuleSettings } from './fused/stepRules.js';
export { softmaxCrossEntropy, summedSoftmaxCrossEntropy } from './fused/softmaxCrossEntropy.js';
