export type {
  ClippingHealth,
  DeadUnits,
  GateSaturation,
  GradientHealth,
  LayerHealth,
  ParameterHealth,
} from './GradientHealth.js';
export type { HealthProbe, ProbedStep, ProbedUpdate } from './HealthProbe.js';
export { startHealth, type HealthCollector, type HealthOptions } from './startHealth.js';
