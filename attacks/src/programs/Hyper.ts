/**
 * A number that knows its derivatives: `v + a·ε + b·δ + ab·εδ` with ε² = δ² = 0. Whatever is computed with such numbers carries,
 * exactly, the derivative along each of two directions and the mixed second derivative. Source: Fike & Alonso 2011.
 */
export interface Hyper {
  readonly v: number;
  readonly a: number;
  readonly b: number;
  readonly ab: number;
}

export const constant = (v: number): Hyper => ({ v, a: 0, b: 0, ab: 0 });

export const plus = (x: Hyper, y: Hyper): Hyper => ({ v: x.v + y.v, a: x.a + y.a, b: x.b + y.b, ab: x.ab + y.ab });

export const scaled = (x: Hyper, factor: number): Hyper => ({
  v: x.v * factor,
  a: x.a * factor,
  b: x.b * factor,
  ab: x.ab * factor,
});

export const minus = (x: Hyper, y: Hyper): Hyper => plus(x, scaled(y, -1));

export const times = (x: Hyper, y: Hyper): Hyper => ({
  v: x.v * y.v,
  a: x.a * y.v + x.v * y.a,
  b: x.b * y.v + x.v * y.b,
  ab: x.ab * y.v + x.a * y.b + x.b * y.a + x.v * y.ab,
});

/** A function of one number by its value and its first two derivatives there. */
export const through = (x: Hyper, value: number, first: number, second: number): Hyper => ({
  v: value,
  a: first * x.a,
  b: first * x.b,
  ab: first * x.ab + second * x.a * x.b,
});

export const exp = (x: Hyper): Hyper => {
  const value = Math.exp(x.v);
  return through(x, value, value, value);
};

export const log = (x: Hyper): Hyper => through(x, Math.log(x.v), 1 / x.v, -1 / x.v ** 2);

export const power = (x: Hyper, p: number): Hyper =>
  through(x, x.v ** p, p * x.v ** (p - 1), p * (p - 1) * x.v ** (p - 2));

export const over = (x: Hyper, y: Hyper): Hyper => times(x, power(y, -1));

export const tanh = (x: Hyper): Hyper => {
  const value = Math.tanh(x.v);
  const slope = 1 - value * value;
  return through(x, value, slope, -2 * value * slope);
};

export const sigmoid = (x: Hyper): Hyper => {
  const value = 1 / (1 + Math.exp(-x.v));
  const slope = value * (1 - value);
  return through(x, value, slope, slope * (1 - 2 * value));
};

/** The largest part, as sizes go. */
export const sizeOfParts = ({ v, a, b, ab }: Hyper): number =>
  Math.max(Math.abs(v), Math.abs(a), Math.abs(b), Math.abs(ab));
