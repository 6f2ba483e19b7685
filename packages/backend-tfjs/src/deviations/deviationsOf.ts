import type { Backend } from '@tempograd/core/backend';
import { ofBinary, ofMovedIntegers, ofUnary } from './observe.js';

/** A case of the conformance suite that a device of tfjs does not pass: `runConformance` and `testConformance` take it as it is. */
export interface TfjsDeviation {
  /** The case's name. */
  readonly case: string;
  /** Why. */
  readonly reason: string;
  /** Throws when the device no longer deviates in just this way. */
  assert(context: { readonly backend: Backend }): Promise<void>;
}

const asFloats = 'tfjs keeps integers as floats in WebGL textures, so beyond 24 bits they are rounded';

const known: Readonly<Record<string, readonly TfjsDeviation[]>> = {
  webgl: [
    {
      case: 'broadcastTo: value, of integers beyond 24 bits',
      reason: asFloats,
      assert: ({ backend }) => ofMovedIntegers(backend, (x) => backend.broadcast(x, [2, 3, 4])),
    },
    {
      case: 'flip: value, of integers beyond 24 bits',
      reason: asFloats,
      assert: ({ backend }) => ofMovedIntegers(backend, (x) => backend.flip(x, [0, 1])),
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
  ],
  webgpu: [
    {
      case: 'flip: value, of integers beyond 24 bits',
      reason: 'the kernel of reverse reads integers as floats, so beyond 24 bits they are rounded',
      assert: ({ backend }) => ofMovedIntegers(backend, (x) => backend.flip(x, [0, 1])),
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
