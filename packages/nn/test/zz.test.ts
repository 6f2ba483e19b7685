import { createBackend } from '@tempograd/backend-js';
import { test } from 'vitest';
import * as tg from '@tempograd/core';
import { ones, tensor, truncatedBptt, useBackend, key, zeros, sum } from '@tempograd/core';
import * as nn from '../src/index.js';
useBackend(createBackend());
const attempt = async (name: string, fn: () => unknown): Promise<void> => {
  try { const r = await fn(); console.log(name, '-> ok', r); } catch (e) { console.log(`${name} -> ${(e as Error).name}: ${(e as Error).message}`, (e as Error).name.includes('Type') ? (e as Error).stack : ''); }
};
const any = nn as any;
test('x', async () => {
  const cls = nn.sequenceModel({ cell: 'gru', hidden: 4, input: { features: 3 }, outputs: 2, loss: 'crossEntropy' });
  const params = cls.init(key(1));
  const words = nn.sequenceModel({ cell: 'gru', hidden: 4, input: { vocabulary: 5, embedding: 3 }, outputs: 5, loss: 'crossEntropy' });
  const wp = words.init(key(1));
  const fit = async (task: any, p: any, stretch: any, ends = true) => {
    const data = any.itemSource ? null : null;
    const source = { async *open() { yield { stretch: stretch(), ends }; } };
    for await (const _ of nn.fit({ task, params: p, data: source as any, strategy: truncatedBptt({ updateEvery: 4, backwardSteps: 4 }), optimiser: nn.adam({ learningRate: 0.1 }) } as any)) { }
  };
  const i32 = (v: any) => tensor(v, { dtype: 'i32' });
  const T = 6, B = 2;
  const ids = (v = 0) => i32(Array.from({ length: T }, (_, t) => Array.from({ length: B }, (_, b) => t === 5 && b === 1 ? v : 0)));
  await attempt('target outside', () => fit(cls, params, () => ({ inputs: ones([T, B, 3]), targets: ids(2) })));
  await attempt('feature count', () => fit(cls, params, () => ({ inputs: ones([T, B, 4]), targets: ids() })));
  await attempt('feature rank 2', () => fit(cls, params, () => ({ inputs: ones([T, 3]), targets: ids() })));
  await attempt('id outside', () => fit(words, wp, () => ({ inputs: ids(7), targets: ids() })));
  await attempt('id negative', () => fit(words, wp, () => ({ inputs: ids(-2), targets: ids() })));
  await attempt('ids float', () => fit(words, wp, () => ({ inputs: ones([T, B]), targets: ids() })));
  await attempt('no targets', () => fit(words, wp, () => ({ inputs: ids() })));
  await attempt('targets float', () => fit(words, wp, () => ({ inputs: ids(), targets: ones([T, B]) })));
  await attempt('targets shape', () => fit(words, wp, () => ({ inputs: ids(), targets: i32([0, 1]) })));
  await attempt('scalar leaf', () => fit(words, wp, () => ({ inputs: ids(), targets: tg.scalar(1, { dtype: 'i32' }) })));
  await attempt('not time leaf', () => fit(words, wp, () => ({ inputs: ids(), targets: ids(), weights: ones([B]) })));
  await attempt('mask batch first', () => fit(words, wp, () => ({ inputs: ids(), targets: ids(), mask: i32([[1,1,1,1,1,1],[1,1,1,1,1,1]]) })));
  await attempt('mask float', () => fit(words, wp, () => ({ inputs: ids(), targets: ids(), mask: ones([T, B]) })));
  await attempt('other params', () => fit(words, params, () => ({ inputs: ids(), targets: ids() })));
  await attempt('other data', () => fit(words, wp, () => ({ inputs: ones([T, B, 3]), targets: ids() })));
  await attempt('data is tensor', () => fit(words, wp, () => ids()));
  await attempt('data has x', () => fit(words, wp, () => ({ x: ids(), y: ids() })));
  await attempt('undefined', () => fit(words, wp, () => undefined));
  await attempt('number in tree', () => fit(words, wp, () => ({ inputs: ids(), targets: ids(), w: 3 })));
  await attempt('lstm layer', () => { const l = nn.lstm({ inputSize: 3, hiddenSize: 4 }); const p = l.init(key(1)); return l.apply(p, l.initialCarry(p, 2), ones([T, B, 5])); });
  await attempt('lstm layer rank 2', () => { const l = nn.lstm({ inputSize: 3, hiddenSize: 4 }); const p = l.init(key(1)); return l.apply(p, l.initialCarry(p, 2), ones([T, 3])); });
  await attempt('linear layer', () => { const l = nn.linear({ inputs: 3, outputs: 4 }); const p = l.init(key(1)); return l.apply(p, ones([T, B, 5])); });
  await attempt('gather outside embedding', async () => { const l = nn.embedding({ vocabulary: 3, size: 2 }); const p = l.init(key(1)); return [...await l.apply(p, i32([0, 3])).read()]; });
  await attempt('scan', () => tg.scan(tg.lstmCell({ hiddenSize: 4 }), { weight_ih: ones([16, 3]), weight_hh: ones([16, 4]) }, { h: zeros([B, 4]), c: zeros([B, 4]) } as any, ones([T, B, 5])));
  await attempt('credit', () => tg.creditMatrix(cls, params, { inputs: ones([2, 1, 3]), targets: i32([[0], [1]]) }).time);
  await attempt('takeRows', () => words.takeRows(words.initialCarry(wp, 2), [0, 5]));
  await attempt('nan data', () => fit(cls, params, () => ({ inputs: tg.full([T, B, 3], NaN), targets: ids() })));
  const wrong = async (ckpt: boolean) => { for await (const _ of nn.fit({ task: cls, params, data: { async *open() { throw new Error('disk'); } } as any, strategy: truncatedBptt({ updateEvery: 4, backwardSteps: 4 }), optimiser: nn.adam({ learningRate: 0.1 }) })); };
  await attempt('data throws', () => wrong(false));
});
