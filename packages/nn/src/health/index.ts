export type {
  ClippingHealth,
  DeadUnits,
  GateSaturation,
  GradientHealth,
  LayerHealth,
  ParameterHealth,
} from './healthTypes.js';
export type { HealthProbe, ProbedStep, ProbedUpdate } from './HealthProbe.js';
export { startHealth, type HealthCollector, type HealthOptions } from './startHealth.js';
export { gradientCosine, type GradientCosine, type GradientCosineOptions } from './gradientCosine.js';
export { gradientHealth, type GradientHealthOptions } from './gradientHealth.js';
export { lyapunovExponents, type LyapunovOptions } from './lyapunovExponents.js';
export { spectralRadius } from './spectralRadius.js';
