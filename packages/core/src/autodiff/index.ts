export { grad, valueAndGrad, valueAndGradWithAux, type ValueAndGrad } from './grad.js';
export { jvp, type Jvp } from './jvp.js';
export { stopGradient } from './stopGradient.js';
export { vjp, type Pullback, type Vjp } from './vjp.js';
