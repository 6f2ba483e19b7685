// The equations of ops that the reference backend leaves to core, one number at a time in f64.

type Values = ArrayLike<number>;

export interface LayerNorm {
  readonly output: number[];
  readonly mean: number[];
  readonly rstd: number[];
  readonly dx: number[];
  readonly dWeight: number[];
  readonly dBias: number[];
}

/** Layer norm of rows, and its gradients by the chain rule through mean and variance. */
export function naiveLayerNorm(x: Values, weight: Values, bias: Values, epsilon: number, g: Values): LayerNorm {
  const length = weight.length;
  const rows = x.length / length;
  const result: LayerNorm = {
    output: [],
    mean: [],
    rstd: [],
    dx: [],
    dWeight: new Array<number>(length).fill(0),
    dBias: new Array<number>(length).fill(0),
  };
  for (let row = 0; row < rows; row++) {
    const values = Array.from({ length }, (_, i) => x[row * length + i]!);
    const mean = values.reduce((a, b) => a + b, 0) / length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / length;
    const rstd = 1 / Math.sqrt(variance + epsilon);
    const cotangent = Array.from({ length }, (_, i) => g[row * length + i]!);
    const dNormal = cotangent.map((value, i) => value * weight[i]!);
    const dVariance = dNormal.reduce((a, d, i) => a + d * (values[i]! - mean), 0) * -0.5 * rstd ** 3;
    const dMean = -rstd * dNormal.reduce((a, d) => a + d, 0);
    result.mean.push(mean);
    result.rstd.push(rstd);
    values.forEach((value, i) => {
      const normal = (value - mean) * rstd;
      result.output.push(normal * weight[i]! + bias[i]!);
      result.dx.push(dNormal[i]! * rstd + (dVariance * 2 * (value - mean)) / length + dMean / length);
      result.dWeight[i]! += cotangent[i]! * normal;
      result.dBias[i]! += cotangent[i]!;
    });
  }
  return result;
}

export interface LinearScan {
  readonly h: number[];
  readonly da: number[];
  readonly db: number[];
  readonly dh0: number[];
}

/** The linear recurrence and its adjoint, column by column. */
export function naiveLinearScan(a: Values, b: Values, h0: Values, g: Values): LinearScan {
  const width = h0.length;
  const time = a.length / width;
  const h = new Array<number>(a.length);
  const da = new Array<number>(a.length);
  const db = new Array<number>(a.length);
  const dh0 = new Array<number>(width);
  for (let column = 0; column < width; column++) {
    const before = (t: number): number => (t === 0 ? h0[column]! : h[(t - 1) * width + column]!);
    for (let t = 0; t < time; t++) h[t * width + column] = a[t * width + column]! * before(t) + b[t * width + column]!;
    let carried = 0;
    for (let t = time - 1; t >= 0; t--) {
      const adjoint = g[t * width + column]! + carried;
      db[t * width + column] = adjoint;
      da[t * width + column] = adjoint * before(t);
      carried = adjoint * a[t * width + column]!;
    }
    dh0[column] = carried;
  }
  return { h, da, db, dh0 };
}
