import * as core from '@tempograd/core';
import type { Shape } from '@tempograd/core/backend';
import * as forms from '../host/fusedForms.js';
import { build, ints } from '../host/HostArray.js';
import { map } from '../host/indexing.js';
import type { Subject } from './Subject.js';

/** Subjects of the ops that a backend may do in one go. */

export function linearSubject(rows: Shape, inputs: number, outputs: number, bias: boolean, title = ''): Subject {
  return {
    op: 'linear',
    title,
    opClass: 'product',
    family: 'linear',
    inputs: (sample) => [
      sample.floats([...rows, inputs]),
      sample.floats([outputs, inputs]),
      ...(bias ? [sample.floats([outputs])] : []),
    ],
    apply: (x, weight, b) => core.linear(x, weight, b),
    expected: (x, weight, b) => forms.linearForm(x, weight, b ?? null),
  };
}

export function layerNormSubject(shape: Shape, title = ''): Subject {
  const channels = shape.at(-1) as number;
  return {
    op: 'layerNorm',
    title,
    opClass: 'normalised',
    family: 'layerNorm',
    inputs: (sample) => [
      // Channels in turn about 2 and −2, so that no row has a variance near 0.
      map(sample.floats(shape), (value, index) => Math.fround(value + ((index % channels) % 2 === 0 ? 2 : -2))),
      sample.floats([channels], { low: 0.5, high: 2 }),
      sample.floats([channels]),
    ],
    apply: (x, weight, bias) => core.layerNorm(x, weight, bias, 1e-3),
    expected: (x, weight, bias) => forms.layerNormForm(x, weight, bias, 1e-3),
  };
}

export function crossEntropySubject(
  rows: Shape,
  classes: number,
  smoothing: number,
  title = '',
  targets?: readonly number[],
): Subject {
  return {
    op: 'softmaxCrossEntropy',
    title,
    opClass: 'normalised',
    family: 'softmaxCrossEntropy',
    inputs: (sample) => [
      sample.floats([...rows, classes], { low: -3, high: 3 }),
      targets ? ints(rows, targets) : sample.integers(rows, 0, classes),
    ],
    apply: (logits, y) => core.softmaxCrossEntropy(logits, y, smoothing),
    expected: (logits, y) => forms.softmaxCrossEntropyForm(logits, y, smoothing),
  };
}

/** The sum over all rows. */
export function summedCrossEntropySubject(
  ...[rows, classes, smoothing, ...rest]: Parameters<typeof crossEntropySubject>
): Subject {
  const each = crossEntropySubject(rows, classes, smoothing, ...rest);
  return {
    ...each,
    apply: (logits, y) => core.summedSoftmaxCrossEntropy(logits, y, smoothing),
    expected: (logits, y) => {
      const { values } = forms.softmaxCrossEntropyForm(logits, y, smoothing);
      return build([], () => values.reduce((total, value) => total + value, 0));
    },
  };
}

export function globalNormSubject(shapes: readonly Shape[], title = ''): Subject {
  return {
    op: 'globalNorm',
    title,
    opClass: 'normalised',
    family: 'globalNorm',
    inputs: (sample) => shapes.map((shape) => sample.floats(shape)),
    apply: (...xs) => core.globalNorm(xs),
    expected: (...xs) => forms.globalNormForm(xs),
  };
}

export function linearScanSubject(time: number, rest: Shape, title = ''): Subject {
  return {
    op: 'linearScan',
    title,
    opClass: 'recurrent',
    family: 'linearScan',
    inputs: (sample) => [sample.floats([time, ...rest]), sample.floats([time, ...rest]), sample.floats(rest)],
    apply: (a, b, h0) => core.linearScan(a, b, h0),
    expected: (a, b, h0) => forms.linearScanForm(a, b, h0),
  };
}
