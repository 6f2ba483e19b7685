import { fromArray, key, scope, treeEntries, valueAndGradWithAux, type Tensor } from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import { lengthsToMask, loadInto, sequenceModel, type SequenceModelParams } from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';
import { Golden, goldenEntries } from './support/golden.js';

const context = { from: 0, key: null };

describe('one label for sequences of different lengths, as in PyTorch', () => {
  withFreshBackend();
  const cases = goldenEntries('pooled').flatMap(({ file, kind, bidirectional, lengths, poolings }) =>
    (poolings as ('last' | 'mean' | 'max' | 'attention')[]).map((pooling) => ({
      file,
      cell: kind as 'lstm' | 'gru',
      bidirectional: bidirectional as boolean,
      ends: lengths as number[],
      pooling,
    })),
  );

  it.each(cases)('$cell, bidirectional $bidirectional, $pooling', ({ file, cell, bidirectional, ends, pooling }) =>
    scope(() => {
      const golden = new Golden(file);
      const stored = golden.file.tensors;
      const model = sequenceModel({
        input: { features: 3 },
        cell,
        hidden: 4,
        layers: 2,
        bidirectional,
        layerNorm: true,
        residual: true,
        pooling,
        outputs: 3,
        loss: 'crossEntropy',
        classWeights: [...golden.values('class_weights')],
      });
      const tensors = new Map(golden.names('param.').map((name) => [name, stored.get(`param.${name}`)!]));
      if (pooling !== 'attention') tensors.delete('pooling.query');
      const params = loadInto(model.init(key(0), { dtype: 'f64' }), { tensors, metadata: {} });
      const input = golden.tensor('input');
      const [time, batch] = input.shape as [number, number];
      const [mask, lossMask] = [lengthsToMask(ends, time), new Int32Array(time * batch)];
      const targets = new Int32Array(time * batch).fill(-1);
      ends.forEach((length, row) => {
        lossMask[(length - 1) * batch + row] = 1;
        targets[(length - 1) * batch + row] = golden.values('labels')[row] as number;
      });
      const steps = (values: Int32Array): Tensor => fromArray(values, [time, batch], { dtype: 'i32' });
      const labels = { targets: steps(targets), mask, lossMask: steps(lossMask) };
      const { value, gradient, aux } = valueAndGradWithAux(
        ({ p, inputs }: { p: SequenceModelParams; inputs: Tensor }) => {
          const { output } = model.forward(p, model.initialCarry(p, { inputs }), { inputs, mask }, context);
          return { value: model.loss(p, output, { inputs, ...labels }, context), aux: model.logits(p, output) };
        },
      )({ p: params, inputs: input });

      // What is pooled stays after a row's end, so that the last step has it for every row.
      const wanted = golden.values(`logits.${pooling}`);
      expectClose([...aux.readSync()].slice((time - 1) * batch * 3), wanted, 1e-12, 'logits');
      expectClose(value, golden.values(`loss.${pooling}`), 1e-12, 'loss');
      expectClose(gradient.inputs, golden.values(`grad.${pooling}.input`), 1e-12, 'input');
      const entries = treeEntries(gradient.p);
      expect(entries.length).toBe(golden.names(`grad.${pooling}.`).length - 1);
      for (const [path, leaf] of entries) expectClose(leaf, golden.values(`grad.${pooling}.${path}`), 1e-12, path);
    }),
  );
});
