import { at, build, type HostArray } from './HostArray.js';

/** What each fused op means, from the equations at the contract, one number at a time. */

export function linearForm(x: HostArray, weight: HostArray, bias: HostArray | null): HostArray {
  const [outputs, inputs] = weight.shape as [number, number];
  return build([...x.shape.slice(0, -1), outputs], (index) => {
    const row = Math.floor(index / outputs);
    const output = index % outputs;
    let total = bias === null ? 0 : at(bias, output);
    for (let k = 0; k < inputs; k++)
      total += (x.values[row * inputs + k] as number) * (weight.values[output * inputs + k] as number);
    return total;
  });
}

export function layerNormForm(x: HostArray, weight: HostArray, bias: HostArray, epsilon: number): HostArray {
  const channels = x.shape.at(-1) as number;
  const moments = Array.from({ length: x.values.length / channels }, (_, row) => {
    const values = x.values.subarray(row * channels, (row + 1) * channels);
    const mean = values.reduce((a, b) => a + b, 0) / channels;
    return { mean, variance: values.reduce((a, b) => a + (b - mean) ** 2, 0) / channels };
  });
  return build(x.shape, (index) => {
    const { mean, variance } = moments[Math.floor(index / channels)] as (typeof moments)[number];
    const channel = index % channels;
    return ((at(x, index) - mean) / Math.sqrt(variance + epsilon)) * at(weight, channel) + at(bias, channel);
  });
}

export function softmaxCrossEntropyForm(logits: HostArray, targets: HostArray, smoothing: number): HostArray {
  const classes = logits.shape.at(-1) as number;
  return build(targets.shape, (row) => {
    const target = at(targets, row);
    if (target < 0) return 0;
    if (target >= classes) return NaN;
    const x = logits.values.subarray(row * classes, (row + 1) * classes);
    const top = x.reduce((a, b) => Math.max(a, b), -Infinity);
    // All relative to the largest logit.
    const lse = Math.log(x.reduce((total, value) => total + Math.exp(value - top), 0));
    const mean = x.reduce((total, value) => total + (value - top), 0) / classes;
    return (1 - smoothing) * (lse - ((x[target] as number) - top)) + smoothing * (lse - mean);
  });
}

export function globalNormForm(xs: readonly HostArray[]): HostArray {
  const squares = xs.map((x) => x.values.reduce((total, value) => total + value * value, 0));
  return build([], () => Math.sqrt(squares.reduce((a, b) => a + b, 0)));
}

export function linearScanForm(a: HostArray, b: HostArray, h0: HostArray): HostArray {
  const width = h0.values.length;
  const state = h0.values.slice();
  return build(a.shape, (index) => {
    const place = index % width;
    state[place] = at(a, index) * (state[place] as number) + at(b, index);
    return state[place];
  });
}
