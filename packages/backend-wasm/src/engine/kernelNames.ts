/** The kernels, as the builds export them. */
export type KernelName =
  | `${'neg' | 'abs' | 'sign' | 'relu'}${'F32' | 'I32'}`
  | `${'floor' | 'exp' | 'log' | 'log1p' | 'sqrt' | 'sin' | 'cos' | 'tanh' | 'sigmoid'}F32`
  | `${'add' | 'sub' | 'mul' | 'maximum' | 'minimum' | 'equal' | 'less' | 'lessEqual'}${'F32' | 'I32'}`
  | `${'div' | 'pow'}F32`
  | `${'sum' | 'max'}${'Rows' | 'Columns'}${'F32' | 'I32'}`
  | `castTo${'F32' | 'I32'}`
  | `scatterAdd${'F32' | 'I32'}`
  | 'select'
  | 'fill'
  | 'gatherStrided'
  | 'transpose'
  | 'copyRows'
  | 'gatherRows'
  | 'normSquares'
  | 'normRoot'
  | 'randomUniform'
  | 'softmaxCrossEntropy'
  | 'layerNorm'
  | 'layerNormBackwardInput'
  | 'layerNormBackwardAffine'
  | 'linearScanForward'
  | 'linearScanBackward'
  | 'adamStep'
  | 'sgdStep'
  | 'rmspropStep'
  | 'product'
  | 'recurrentForwardPack'
  | 'recurrentForward'
  | 'recurrentBackwardPack'
  | 'recurrentBackward'
  | 'recurrentWeights';

/** Kernels whose parts need scratch of their own; each has a function that says how much. */
export type ScratchKernelName =
  'product' | 'recurrentForward' | 'recurrentBackward' | 'recurrentWeights' | 'layerNormBackwardAffine';
