import { normalWith, uniformWithin } from './draws.js';
import { fansOf, type Initialiser } from './Initialiser.js';

/** `U(−bound, bound)`. PyTorch starts every parameter of a recurrent layer so, with bound `1/√hidden`. */
export function uniformInit(bound: number): Initialiser {
  return (key, shape) => uniformWithin(key, shape, bound);
}

/** `N(0, deviation²)`. */
export function normalInit(deviation = 1): Initialiser {
  return (key, shape) => normalWith(key, shape, deviation);
}

/** `U(−a, a)` with `a = gain · √(6 / (fanIn + fanOut))`. Source: Glorot & Bengio 2010, equation 16. */
export function xavierUniform(gain = 1): Initialiser {
  return (key, shape) => {
    const { fanIn, fanOut } = fansOf('xavierUniform', shape);
    return uniformWithin(key, shape, gain * Math.sqrt(6 / (fanIn + fanOut)));
  };
}

/** `N(0, σ²)` with `σ = gain · √(2 / (fanIn + fanOut))`. Source: Glorot & Bengio 2010, equation 12. */
export function xavierNormal(gain = 1): Initialiser {
  return (key, shape) => {
    const { fanIn, fanOut } = fansOf('xavierNormal', shape);
    return normalWith(key, shape, gain * Math.sqrt(2 / (fanIn + fanOut)));
  };
}

/** `U(−a, a)` with `a = gain · √(3 / fanIn)`; the gain of ReLU is √2. Source: He, Zhang, Ren & Sun 2015, equation 10. */
export function heUniform(gain: number = Math.SQRT2): Initialiser {
  return (key, shape) => uniformWithin(key, shape, gain * Math.sqrt(3 / fansOf('heUniform', shape).fanIn));
}

/** `N(0, σ²)` with `σ = gain / √fanIn`; the gain of ReLU is √2. Source: He, Zhang, Ren & Sun 2015, equation 10. */
export function heNormal(gain: number = Math.SQRT2): Initialiser {
  return (key, shape) => normalWith(key, shape, gain / Math.sqrt(fansOf('heNormal', shape).fanIn));
}
