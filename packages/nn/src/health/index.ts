export type {
  ClippingHealth,
  DeadUnits,
  GateSaturation,
  GradientHealth,
  LayerHealth,
  ParameterHealth,
} from './GradientHealth.js';
