import type { TypedArray, UnaryOp } from '@tempograd/core/backend';
import type { JsHandle, JsOperand, Memory } from '../memory.js';

type Loop = (x: TypedArray, y: TypedArray) => void;

/** One plain loop for each function, so that each is compiled on its own. */
const loops: Readonly<Record<UnaryOp, Loop>> = {
  neg: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = -x[i]!; },
  abs: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.abs(x[i]!); },
  sign: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.sign(x[i]!); },
  floor: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.floor(x[i]!); },
  exp: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.exp(x[i]!); },
  log: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.log(x[i]!); },
  log1p: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.log1p(x[i]!); },
  sqrt: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.sqrt(x[i]!); },
  sin: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.sin(x[i]!); },
  cos: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.cos(x[i]!); },
  tanh: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]!); },
  sigmoid: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]!)); },
  relu: (x, y) => { for (let i = 0; i < y.length; i++) y[i] = Math.max(x[i]!, 0); },
}; // prettier-ignore

export function unary(memory: Memory, op: UnaryOp, x: JsOperand): JsHandle {
  const source = memory.data(x);
  const result = memory.allocate(x.dtype, source.length);
  loops[op](source, result.data);
  return result;
}
