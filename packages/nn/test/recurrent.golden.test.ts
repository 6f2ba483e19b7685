import {
  add,
  mul,
  scope,
  sum,
  valueAndGrad,
  withoutFusedOps,
  type LstmCarry,
  type StepResult,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import { gru, lengthsToMask, lstm, rnn, type RecurrentLayer, type RecurrentLayerParams } from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';
import { Golden, goldenEntries, type GoldenEntry } from './support/golden.js';

interface Leaves {
  readonly params: RecurrentLayerParams;
  readonly input: Tensor;
  readonly h0: Tensor;
  readonly c0?: Tensor;
}

function layerOf(entry: GoldenEntry): RecurrentLayer<Tensor | LstmCarry> {
  const options = {
    inputSize: entry.inputSize as number,
    hiddenSize: entry.hiddenSize as number,
    layers: entry.layers as number,
    bidirectional: entry.bidirectional as boolean,
    batchFirst: entry.batchFirst as boolean,
    bias: entry.hasBias as boolean,
  };
  if (entry.kind === 'lstm') return lstm(options);
  if (entry.kind === 'gru') return gru(options);
  return rnn({ ...options, activation: entry.kind === 'rnn-relu' ? 'relu' : 'tanh' });
}

function run(entry: GoldenEntry, leaves: Leaves): Record<string, Tensor> {
  const mask = entry.lengths === null ? null : lengthsToMask(entry.lengths as number[], entry.time as number);
  const carry = leaves.c0 ? { h: leaves.h0, c: leaves.c0 } : leaves.h0;
  const { output, carry: after }: StepResult<Tensor | LstmCarry, Tensor> = layerOf(entry).apply(
    leaves.params,
    carry,
    leaves.input,
    { mask },
  );
  return 'h' in after ? { output, h_n: after.h, c_n: after.c } : { output, h_n: after };
}

function leavesOf(golden: Golden): Leaves {
  const shared = {
    params: golden.tree('param.') as RecurrentLayerParams,
    input: golden.tensor('input'),
    h0: golden.tensor('h0'),
  };
  return golden.has('c0') ? { ...shared, c0: golden.tensor('c0') } : shared;
}

const tolerances = { f64: 1e-10, f32: 1e-5 } as const;

describe('recurrent layers agree with PyTorch', () => {
  withFreshBackend();
  const entries = goldenEntries('recurrent');

  it('has a file for every case', () => {
    expect(entries.length).toBeGreaterThanOrEqual(100);
  });

  const check = (file: string, entry: GoldenEntry): void =>
    scope(() => {
      const golden = new Golden(file);
      const leaves = leavesOf(golden);
      const tolerance = tolerances[entry.dtype];
      const outputs = run(entry, leaves);
      for (const [name, output] of Object.entries(outputs)) expectClose(output, golden.values(name), tolerance, name);

      const subsets = [...new Set(golden.names('grad.').map((name) => name.slice(0, name.indexOf('.'))))];
      expect(subsets.length).toBe(entry.dtype === 'f32' ? 1 : 2 ** Object.keys(outputs).length - 1);
      for (const subset of subsets) {
        scope(() => {
          const loss = (x: Leaves): Tensor => {
            const all = run(entry, x);
            const terms = subset
              .split('+')
              .map((name) => sum(mul(golden.tensor(`cotangent.${name}`), all[name] as Tensor)));
            return terms.reduce((a, b) => add(a, b));
          };
          const { gradient } = valueAndGrad(loss)(leaves);
          const { params, ...others } = gradient;
          for (const [leaf, tensor] of Object.entries({ ...params, ...others })) {
            expectClose(tensor, golden.values(`grad.${subset}.${leaf}`), tolerance, `grad.${subset}.${leaf}`);
          }
        });
      }
    });

  const cases = entries.map((entry): [string, GoldenEntry] => [entry.file, entry]);
  it.each(cases)('%s: values, and gradients of every subset of the outputs', check);

  const composed = cases.filter(([, { dtype, layers }]) => dtype === 'f64' && layers === 1);
  it.each(composed)('%s: the same, composed from primitives', (file, entry) =>
    withoutFusedOps(() => check(file, entry)),
  );
});
