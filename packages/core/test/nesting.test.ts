import { createBackend } from '@tempograd/backend-js';
import { expect, test } from 'vitest';
import * as tg from '../src/index.js';

test('fused and composed gradients, jvp and both Hessian products of an LSTM agree', () => {
  const backend = createBackend();
  tg.useBackend(backend);
  const o = { dtype: 'f64' as const };
  const cell = tg.lstmCell({ hiddenSize: 3 });
  const k = tg.key(1);
  const params = {
    weight_ih: tg.normal(tg.foldIn(k, 1), [12, 2], o),
    weight_hh: tg.normal(tg.foldIn(k, 2), [12, 3], o),
    bias_ih: tg.normal(tg.foldIn(k, 3), [12], o),
    bias_hh: tg.normal(tg.foldIn(k, 4), [12], o),
  };
  const x = tg.normal(tg.foldIn(k, 5), [5, 2, 2], o);
  const carry = { h: tg.normal(tg.foldIn(k, 6), [2, 3], o), c: tg.normal(tg.foldIn(k, 7), [2, 3], o) };
  const w = tg.normal(tg.foldIn(k, 8), [5, 2, 3], o);
  const f = (a: { params: typeof params; carry: typeof carry; x: typeof x }) => {
    const r = tg.scan(cell, a.params, a.carry, a.x);
    return tg.add(tg.sum(tg.mul(r.output, w)), tg.sum(r.carry.c));
  };
  const base = backend.memory().buffers;
  tg.scope(() => {
    const rec = tg.recordPaths(() => tg.valueAndGrad(f)({ params, carry, x }));
    const a = rec.result;
    expect(rec.paths.map((p) => p.path)).toEqual(['fused']);
    const b = tg.withoutFusedOps(() => tg.valueAndGrad(f)({ params, carry, x }));
    tg.treeZip(a.gradient, b.gradient, (p, q) => {
      const [P, Q] = [p.readSync(), q.readSync()];
      P.forEach((v, i) => expect(Math.abs(v - Q[i]!)).toBeLessThan(1e-12));
      return p;
    });
    // jvp vs vjp
    const t = tg.treeMap({ params, carry, x }, (l) => tg.normal(k, l.shape, o));
    const j = tg.jvp(f, { params, carry, x }, t);
    let dot = 0;
    tg.treeZip(a.gradient, t, (p, q) => {
      p.readSync().forEach((v, i) => (dot += v * q.readSync()[i]!));
      return p;
    });
    expect(j.tangent.readSync()[0]).toBeCloseTo(dot, 10);
    // hessian vector two ways
    const g = tg.grad(f);
    const hv = tg.jvp(g, { params, carry, x }, t).tangent;
    const hv2 = tg.grad((z: typeof t) => {
      const gz = g(z);
      let acc: tg.Tensor | null = null;
      tg.treeZip(gz, t, (p, q) => {
        const s = tg.sum(tg.mul(p, q));
        acc = acc ? tg.add(acc, s) : s;
        return p;
      });
      return acc!;
    })({ params, carry, x });
    tg.treeZip(hv, hv2, (p, q) => {
      const [P, Q] = [p.readSync(), q.readSync()];
      P.forEach((v, i) => expect(Math.abs(v - Q[i]!)).toBeLessThan(1e-10));
      return p;
    });
  });
  expect(backend.memory().buffers).toBe(base);
});
