import type { Backend, Operand } from '@tempograd/core/backend';
import { ofBinary, ofCast, ofMax, ofMovedIntegers, ofUnary } from './observe.js';

/** A case of the conformance suite that a device of tfjs does not pass: `runConformance` and `testConformance` take it as it is. */
export interface TfjsDeviation {
  /** The case's name. */
  readonly case: string;
  /** Why. */
  readonly reason: string;
  /** Throws when the device no longer deviates in just this way. */
  assert(context: { readonly backend: Backend }): Promise<void>;
}

const ofIntegers = (op: string, move: (backend: Backend, x: Operand) => object, reason: string): TfjsDeviation => ({
  case: `${op}: value, of integers beyond 24 bits`,
  reason,
  assert: ({ backend }) => ofMovedIntegers(backend, (x) => move(backend, x)),
});

/** What moves integers rounds them to floats. */
const integers = (reason: string): TfjsDeviation[] => [
  ofIntegers('transpose', (backend, x) => backend.transpose(x, [1, 0]), reason),
  ofIntegers('broadcastTo', (backend, x) => backend.broadcast(x, [2, 3, 4]), reason),
  ofIntegers('slice', (backend, x) => backend.slice(x, [0, 0], [3, 3]), reason),
  ofIntegers('concat', (backend, x) => backend.concat([x, x], 0), reason),
  ofIntegers('flip', (backend, x) => backend.flip(x, [0, 1]), reason),
];

const known: Readonly<Record<string, readonly TfjsDeviation[]>> = {
  webgl: [
    ...integers('tfjs keeps integers as floats in WebGL textures, so beyond 24 bits they are rounded'),
    {
      case: 'cast: value, float to i32 at the ends of its range, and of NaN',
      reason:
        'the shader language leaves open what becomes of a float beyond the range of integers: the least of them, here',
      assert: ({ backend }) => ofCast(backend, Infinity, -(2 ** 31)),
    },
    {
      case: 'div: value, of NaN and infinity',
      reason: "tfjs's shader gives 1 wherever both sides are equal, and so for ∞/∞",
      assert: ({ backend }) => ofBinary(backend, 'div', Infinity, Infinity, 1),
    },
    {
      case: 'pow: value, of NaN and infinity',
      reason: 'the pow of the shader language is not that of IEEE: NaN to the power of −1 is 0',
      assert: ({ backend }) => ofBinary(backend, 'pow', NaN, -1, 0),
    },
    {
      case: 'max: value, with NaN and infinity',
      reason: "tfjs's shader begins at −1e20, so that nothing below it is found",
      assert: ({ backend }) => ofMax(backend, -Infinity, Math.fround(-1e20)),
    },
  ],
  webgpu: [
    ...integers("tfjs's kernels read integers as floats, so beyond 24 bits they are rounded"),
    {
      case: 'cast: value, float to i32 at the ends of its range, and of NaN',
      reason: 'the shader language takes a float beyond the range of integers for the greatest float within it',
      assert: ({ backend }) => ofCast(backend, Infinity, 2 ** 31 - 128),
    },
    {
      case: 'sigmoid: value, of NaN and infinity',
      reason: 'the kernel gives 0 for NaN',
      assert: ({ backend }) => ofUnary(backend, 'sigmoid', NaN, 0),
    },
    {
      case: 'pow: value, of NaN and infinity',
      reason: 'the pow of the shader language is not that of IEEE: NaN to the power of 0 is NaN',
      assert: ({ backend }) => ofBinary(backend, 'pow', NaN, 0, NaN),
    },
  ],
};

/**
 * The cases of the conformance suite that the adapter does not pass on a device of tfjs (`cpu`, `wasm`, `webgl`, `webgpu`), each
 * with its reason. None are known of devices that are not tested here.
 */
export function deviationsOf(device: string): readonly TfjsDeviation[] {
  return known[device] ?? [];
}
