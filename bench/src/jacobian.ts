// Times exact Jacobians of one LSTM step and counts the calls they take: `npm run in -- bench jacobian [hidden] [batch]`, after a build.
import { createBackend } from '@tempograd/backend-wasm';
import {
  cellJacobian,
  foldIn,
  key,
  lstmCell,
  mul,
  normal,
  ones,
  scope,
  useBackend,
  vjp,
  type Tensor,
} from '@tempograd/core';

const [hidden = 64, batch = 1] = process.argv.slice(2).map(Number);
const inputs = 64;
const repetitions = 300;

const wasm = await createBackend();
let calls = 0;
/** The backend, with its ops counted. */
const backend = new Proxy(wasm, {
  get: (target, name) => {
    const member = Reflect.get(target, name) as unknown;
    if (typeof member !== 'function' || name === 'release') return member;
    return (...args: unknown[]): unknown => {
      calls++;
      return Reflect.apply(member, target, args);
    };
  },
});
useBackend(backend);

const draw = (shape: number[], stream: number): Tensor => mul(normal(foldIn(key(1), stream), shape), 0.2);
const params = {
  weight_ih: draw([4 * hidden, inputs], 1),
  weight_hh: draw([4 * hidden, hidden], 2),
  bias_ih: draw([4 * hidden], 3),
  bias_hh: draw([4 * hidden], 4),
};
const carry = { h: draw([batch, hidden], 5), c: draw([batch, hidden], 6) };
const input = draw([batch, inputs], 7);
const cell = lstmCell({ hiddenSize: hidden });

/** One vjp for each element of the carry: what it takes without batching. */
function oneByOne(): void {
  const { value, pullback } = vjp(
    (at: { params: typeof params; carry: typeof carry }) =>
      cell.step(at.params, at.carry, input, { key: null, time: 0 }).carry,
    {
      params,
      carry,
    },
  );
  const unit = ones([1, hidden]);
  for (const name of ['h', 'c']) {
    for (let element = 0; element < hidden; element++) scope(() => pullback({ ...value, [name]: unit }));
  }
  pullback.dispose();
}

function time(title: string, compute: () => unknown, times: number): void {
  const run = (): void => scope(() => void compute());
  run();
  calls = 0;
  run();
  const each = calls;
  const taken = Array.from({ length: times }, () => {
    const started = performance.now();
    run();
    return performance.now() - started;
  }).sort((a, b) => a - b);
  const [fastest, median] = [taken[0] as number, taken[times >> 1] as number];
  console.log(`${title}: ${each} calls, median ${median.toFixed(2)} ms, fastest ${fastest.toFixed(2)} ms`);
}

console.log(`LSTM, hidden ${hidden}, inputs ${inputs}, batch ${batch}, on ${JSON.stringify(wasm.info)}`);
time('carry by carry', () => cellJacobian(cell, params, carry, input, { by: ['carry'] }), repetitions);
time('carry by parameters', () => cellJacobian(cell, params, carry, input, { by: ['params'] }), repetitions);
time('both', () => cellJacobian(cell, params, carry, input), repetitions);
if (batch === 1) time('both, one vjp for each element', oneByOne, 10);
