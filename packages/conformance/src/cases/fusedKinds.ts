import {
  globalNorm,
  layerNorm,
  linear,
  linearScan,
  recurrent,
  softmaxCrossEntropy,
  withBackend,
  withoutFusedOps,
  zeros,
  type Tensor,
} from '@tempograd/core';
import { DTypeError, formatShape, recurrentCells, type DType, type Shape } from '@tempograd/core/backend';
import type { Check } from '../check/Check.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';

/** A fused op, and its operands by name: those that are i32, and all others of one float dtype. */
interface Call {
  readonly op: string;
  readonly floats: Readonly<Record<string, Shape>>;
  readonly integers?: Readonly<Record<string, Shape>>;
  /** Floats that may also be i32, where they mean something else. */
  readonly either?: readonly string[];
  apply(x: Readonly<Record<string, Tensor>>): unknown;
}

const gates = { rnnTanh: 1, rnnRelu: 1, lstm: 4, gru: 3 } as const;

const calls: readonly Call[] = [
  {
    op: 'linear',
    floats: { x: [3, 2], weight: [4, 2], bias: [4] },
    apply: ({ x, weight, bias }) => linear(x!, weight!, bias),
  },
  {
    op: 'layerNorm',
    floats: { x: [3, 4], weight: [4], bias: [4] },
    apply: ({ x, weight, bias }) => layerNorm(x!, weight!, bias!),
  },
  {
    op: 'softmaxCrossEntropy',
    floats: { logits: [3, 4] },
    integers: { targets: [3] },
    apply: ({ logits, targets }) => softmaxCrossEntropy(logits!, targets!),
  },
  {
    op: 'linearScan',
    floats: { a: [3, 2], b: [3, 2], h0: [2] },
    apply: ({ a, b, h0 }) => linearScan(a!, b!, h0!),
  },
  { op: 'globalNorm', floats: { x: [3], y: [2, 2] }, apply: (xs) => globalNorm(xs) },
  ...recurrentCells.map((cell): Call => ({
    op: cell,
    floats: {
      input: [3, 2, 2],
      weightIh: [gates[cell] * 2, 2],
      weightHh: [gates[cell] * 2, 2],
      h: [2, 2],
      ...(cell === 'lstm' ? { c: [2, 2] } : {}),
      biasIh: [gates[cell] * 2],
      biasHh: [gates[cell] * 2],
    },
    integers: { mask: [3, 2] },
    either: ['input'],
    apply: ({ input, weightIh, weightHh, h, c, biasIh, biasHh, mask }) =>
      recurrent({
        cell,
        input: input!,
        carry: c ? [h!, c] : [h!],
        weightIh: weightIh!,
        weightHh: weightHh!,
        biasIh,
        biasHh,
        mask,
      }),
  })),
];

/** The operand `wrong` of another dtype: an error, whichever path would be taken, and nothing is left behind. */
function checkRefusal(check: Check, { op, floats, integers = {}, apply }: Call, wrong: string, dtype: DType): void {
  const { backend } = check.context;
  const shapes = { ...floats, ...integers };
  const operands = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      zeros(shape, { backend, dtype: name === wrong ? dtype : name in integers ? 'i32' : check.dtype }),
    ]),
  );
  const { buffers } = backend.memory();
  const what = `${op} of ${dtype}${formatShape(shapes[wrong]!)} as ${wrong}`;
  const run = (): unknown => withBackend(backend, () => apply(operands));
  for (const attempt of [run, () => withoutFusedOps(run)]) {
    let thrown: unknown = null;
    try {
      attempt();
    } catch (error) {
      thrown = error;
    }
    check.require(thrown instanceof DTypeError, `${what} gave ${String(thrown)}; wanted a DTypeError`);
    const left = backend.memory().buffers - buffers;
    check.require(left === 0, `${what} was refused, but left ${left} buffers`);
  }
  for (const operand of Object.values(operands)) operand.dispose();
}

/** Every operand of every fused op in each dtype that it may not have. */
export const fusedKindsCases: readonly ConformanceCase[] = calls.map((call) =>
  defineCase(
    { name: `${call.op}: value, operands of a wrong dtype are refused`, group: 'fused', op: call.op, kind: 'value' },
    (check) => {
      const other = check.context.backend.capabilities.dtypes.find((dtype) => dtype !== 'i32' && dtype !== check.dtype);
      const names = Object.keys(call.floats);
      for (const name of names) {
        if (!call.either?.includes(name)) checkRefusal(check, call, name, 'i32');
        if (other !== undefined && names.length > 1) checkRefusal(check, call, name, other);
      }
      for (const name of Object.keys(call.integers ?? {})) checkRefusal(check, call, name, check.dtype);
    },
  ),
);
