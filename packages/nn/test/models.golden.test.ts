import { add, key, mul, scope, sum, treeEntries, valueAndGrad, type LstmCarry, type Tensor } from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import { charModel, loadInto, lstm, normalise, type SequenceModelParams } from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';
import { Golden, goldenEntries } from './support/golden.js';

describe('a torch.nn.LSTM state dict', () => {
  withFreshBackend();
  const entries = goldenEntries('expected').filter(({ weights }) => weights === 'torch-lstm.safetensors');

  it.each(entries)('loads and gives its outputs and gradients: $file', ({ file, dtype }) =>
    scope(() => {
      const golden = new Golden(file);
      const tolerance = dtype === 'f64' ? 1e-10 : 1e-5;
      const layer = lstm({ inputSize: 3, hiddenSize: 4, layers: 2, bidirectional: true });
      const params = loadInto(layer.init(key(0), { dtype }), new Golden('torch-lstm.safetensors').file);
      expect(
        treeEntries(params)
          .map(([name]) => name)
          .sort(),
      ).toEqual(new Golden('torch-lstm.safetensors').names('').sort());
      const carry = { h: golden.tensor('h0'), c: golden.tensor('c0') };
      const loss = (x: { params: typeof params; carry: LstmCarry; input: Tensor }): Tensor => {
        const { output, carry: after } = layer.apply(x.params, x.carry, x.input);
        expectClose(output, golden.values('output'), tolerance, 'output');
        const weighed = (y: Tensor, name: string): Tensor => sum(mul(y, golden.tensor(`cotangent.${name}`)));
        return add(weighed(output, 'output'), add(weighed(after.h, 'h_n'), weighed(after.c, 'c_n')));
      };
      const { gradient } = valueAndGrad(loss)({ params, carry, input: golden.tensor('input') });
      const named = { ...gradient.params, input: gradient.input, h0: gradient.carry.h, c0: gradient.carry.c };
      for (const [leaf, tensor] of Object.entries(named)) {
        expectClose(tensor, golden.values(`grad.output+h_n+c_n.${leaf}`), tolerance, leaf);
      }
    }),
  );
});

describe('a PyTorch character model', () => {
  withFreshBackend();
  const [entry] = goldenEntries('expected').filter(({ weights }) => weights === 'char-model.safetensors');
  const golden = new Golden(entry?.file as string);
  const stored = new Golden('char-model.safetensors');
  const config = { vocabulary: 7, embedding: 3, hidden: 4, layers: 2 };

  const load = (): SequenceModelParams => loadInto(charModel(config).init(key(0), { dtype: 'f64' }), stored.file);

  it('has the same parameter names', () =>
    scope(() => {
      expect(
        treeEntries(load())
          .map(([name]) => name)
          .sort(),
      ).toEqual(stored.names('').sort());
    }));

  it('gives the same logits and carry', () =>
    scope(() => {
      const model = charModel(config);
      const params = load();
      const carry = { h: golden.tensor('h0'), c: golden.tensor('c0') };
      const after = model.forward(params, carry, { inputs: golden.tensor('tokens') }, { from: 0, key: null });
      expectClose(model.logits(params, after.output), golden.values('logits'), 1e-10, 'logits');
      expectClose((after.carry as LstmCarry).h, golden.values('h_n'), 1e-10, 'h_n');
      expectClose((after.carry as LstmCarry).c, golden.values('c_n'), 1e-10, 'c_n');
    }));

  it.each(entry?.variants ?? [])(
    'gives the same loss and gradients: $name',
    ({ name, reduction, ignoreIndex, labelSmoothing }) =>
      scope(() => {
        const ignore = ignoreIndex === -100 ? {} : { ignoreIndex: ignoreIndex as number };
        const model = charModel({ ...config, labelSmoothing: labelSmoothing as number, ...ignore });
        const stretch = { inputs: golden.tensor('tokens'), targets: golden.tensor('targets') };
        const context = { from: 0, key: null };
        const weight = reduction === 'mean' ? model.lossWeight(stretch) : 1;
        const { value, gradient } = valueAndGrad((x: { params: SequenceModelParams; carry: LstmCarry }) =>
          model.loss(x.params, model.forward(x.params, x.carry, stretch, context).output, stretch, context),
        )({ params: load(), carry: { h: golden.tensor('h0'), c: golden.tensor('c0') } });
        const mean = normalise({ value, gradient }, weight);
        expectClose(mean.value, golden.values(`loss.${String(name)}`), 1e-10, 'loss');
        expectClose(mean.gradient.carry.h, golden.values(`grad.${String(name)}.h0`), 1e-10, 'h0');
        expectClose(mean.gradient.carry.c, golden.values(`grad.${String(name)}.c0`), 1e-10, 'c0');
        for (const [path, leaf] of treeEntries(mean.gradient.params)) {
          expectClose(leaf, golden.values(`grad.${String(name)}.${path}`), 1e-10, path);
        }
      }),
  );
});
