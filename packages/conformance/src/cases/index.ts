import type { ConformanceCase } from '../run/Case.js';
import { accumulationCases } from './accumulation.js';
import { badInputCases } from './badInput.js';
import { batchingCases } from './batching.js';
import { broadcastingCases } from './broadcasting.js';
import { castCases } from './cast.js';
import { cellCases } from './cells.js';
import { checkpointingCases } from './checkpointing.js';
import { compareSelectCases } from './compareSelect.js';
import { contractCases } from './contract.js';
import { creditCases } from './credit.js';
import { edgeGradientCases } from './edgeGradients.js';
import { edgeShapesCases } from './edgeShapes.js';
import { elementwiseCases } from './elementwise.js';
import { functionCases } from './functions.js';
import { fusedCases } from './fused.js';
import { fusedKindsCases } from './fusedKinds.js';
import { largeSizesCases } from './largeSizes.js';
import { layoutCases } from './layout.js';
import { literalCases } from './literals.js';
import { maskedPaddingCases } from './maskedPadding.js';
import { matmulCases } from './matmul.js';
import { memoryCases } from './memory.js';
import { movingParameterCases } from './movingParameters.js';
import { mixedDerivativeCase, nestingCases, thirdDerivativeCase } from './nesting.js';
import { nonFiniteCases } from './nonFinite.js';
import { optimiserCases } from './optimisers.js';
import { pathCases } from './paths.js';
import { propertyCases } from './properties.js';
import { randomCases } from './random.js';
import { recurrentCases } from './recurrent.js';
import { recurrentContractCases } from './recurrentContract.js';
import { recurrentRowsCases } from './recurrentRows.js';
import { reduceCases } from './reduce.js';
import { rowsCases } from './rows.js';
import { saturationCases } from './saturation.js';
import { scanCases } from './scan.js';
import { segmentCases } from './segment.js';
import { segmentContractCases } from './segmentContract.js';
import { strategyCases } from './strategies.js';
import { randomTruncationCases } from './randomTruncation.js';
import { viewsCases } from './views.js';

/** Every case of the suite, in the order they run. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...contractCases,
  ...elementwiseCases,
  ...compareSelectCases,
  ...literalCases,
  ...layoutCases,
  ...rowsCases,
  ...castCases,
  ...reduceCases,
  ...matmulCases,
  ...broadcastingCases,
  ...edgeShapesCases,
  ...edgeGradientCases,
  ...viewsCases,
  ...nonFiniteCases,
  ...saturationCases,
  ...largeSizesCases,
  ...nestingCases,
  mixedDerivativeCase,
  thirdDerivativeCase,
  ...batchingCases,
  ...functionCases,
  ...randomCases,
  ...fusedCases,
  ...fusedKindsCases,
  ...recurrentCases,
  ...recurrentContractCases,
  ...recurrentRowsCases,
  ...accumulationCases,
  ...cellCases,
  ...scanCases,
  ...segmentCases,
  ...segmentContractCases,
  ...maskedPaddingCases,
  ...strategyCases,
  ...randomTruncationCases,
  ...checkpointingCases,
  ...movingParameterCases,
  ...creditCases,
  ...optimiserCases,
  ...badInputCases,
  ...memoryCases,
  ...propertyCases,
  ...pathCases,
];
