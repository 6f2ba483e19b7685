import { add, linear, mul, sliceAxis, sub, zeros, type Cell, type Tensor } from '@tempograd/core';
import { clipped, type Activation } from './activations.js';
import { gatesOf, type RecurrentSettings } from './settings.js';

/** Weights of one direction as ONNX has them. */
export interface DirectionWeights {
  /** `[gates · hidden, inputs]`. */
  readonly w: Tensor;
  /** `[gates · hidden, hidden]`. */
  readonly r: Tensor;
  /** `[gates · hidden]` each; both or neither. */
  readonly wb: Tensor | null;
  readonly rb: Tensor | null;
  /** Peepholes of the gates i, o and f, `[3 · hidden]`. */
  readonly p: Tensor | null;
}

/** `[h]`, or `[h, c]` of an LSTM; `[batch, hidden]` each. */
export type States = readonly Tensor[];

/**
 * The cell of a recurrent operator with any attributes, by the equations of its page on onnx.ai. Clipped is what enters a gate or a
 * candidate, and not an LSTM's cell state on its way to the output: so onnxruntime reads that page.
 */
export function operatorCell(
  { operator, linearBeforeReset, inputForget, clip }: RecurrentSettings,
  hidden: number,
  [f, g, h]: readonly Activation[],
): Cell<DirectionWeights, States> {
  const bounded = [f, g].map((act) => (act && clip !== null ? clipped(act, clip) : act));
  const activations = [...bounded, h] as Activation[];
  const step = {
    LSTM: lstmStep(activations, inputForget),
    GRU: gruStep(activations, linearBeforeReset),
    RNN: rnnStep(activations),
  }[operator];
  const states = operator === 'LSTM' ? 2 : 1;
  return {
    initialCarry: (batch, options) => Array.from({ length: states }, () => zeros([batch, hidden], options)),
    step(weights, carry, input) {
      const after = step(weights, carry, input);
      return { carry: after, output: after[0] as Tensor };
    },
  };
}

type Step = (weights: DirectionWeights, carry: States, input: Tensor) => States;

const rnnStep =
  ([f]: readonly Activation[]): Step =>
  ({ w, r, wb, rb }, [h], x) => [(f as Activation)(add(linear(x, w, wb), linear(h as Tensor, r, rb)))];

/** `z, r = f(W x + R h)`, `n = g(W x + R (r·h))` or `g(W x + r · R h)`, `h' = (1 − z) n + z h`. */
const gruStep =
  ([f, g]: readonly Activation[], linearBeforeReset: boolean): Step =>
  ({ w, r, wb, rb }, [before], x) => {
    const h = before as Tensor;
    const [xz, xr, xn] = parts(linear(x, w, wb), gatesOf.GRU) as [Tensor, Tensor, Tensor];
    const [hz, hr, hn] = parts(linear(h, r, rb), gatesOf.GRU) as [Tensor, Tensor, Tensor];
    const z = (f as Activation)(add(xz, hz));
    const reset = (f as Activation)(add(xr, hr));
    const fromState = (): Tensor => {
      if (linearBeforeReset) return mul(reset, hn);
      const hidden = h.shape[1] as number;
      const last = [2 * hidden, 3 * hidden] as const;
      return linear(mul(reset, h), sliceAxis(r, ...last), rb && sliceAxis(rb, ...last));
    };
    const n = (g as Activation)(add(xn, fromState()));
    return [add(mul(sub(1, z), n), mul(z, h))];
  };

/** Gates i, o, f, c: `c' = f c + i g(·)`, `h' = o h(c')`; peepholes look at c, and that of o at c'. */
const lstmStep =
  ([f, g, h]: readonly Activation[], inputForget: boolean): Step =>
  ({ w, r, wb, rb, p }, [hidden, cell], x) => {
    const c = cell as Tensor;
    const gates = add(linear(x, w, wb), linear(hidden as Tensor, r, rb));
    const [ai, ao, af, ac] = parts(gates, gatesOf.LSTM) as [Tensor, Tensor, Tensor, Tensor];
    const [pi, po, pf] = p === null ? [] : (parts(p, 3) as [Tensor, Tensor, Tensor]);
    const peep = (a: Tensor, peephole: Tensor | undefined, state: Tensor): Tensor =>
      peephole === undefined ? a : add(a, mul(peephole, state));
    const i = (f as Activation)(peep(ai, pi, c));
    const forget = inputForget ? sub(1, i) : (f as Activation)(peep(af, pf, c));
    const next = add(mul(forget, c), mul(i, (g as Activation)(ac)));
    const o = (f as Activation)(peep(ao, po, next));
    return [mul(o, (h as Activation)(next)), next];
  };

/** The last axis in `count` equal parts. */
function parts(x: Tensor, count: number): Tensor[] {
  const axis = x.rank - 1;
  const length = (x.shape[axis] as number) / count;
  return Array.from({ length: count }, (_, part) => sliceAxis(x, part * length, (part + 1) * length, axis));
}
