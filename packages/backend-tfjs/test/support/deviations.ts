import type { CaseContext, Deviation } from '@tempograd/conformance';
import type { Backend, BinaryOp, Operand } from '@tempograd/core/backend';
import { expect } from 'vitest';

function write(backend: Backend, values: Float32Array | Int32Array, shape = [values.length]): Operand {
  const dtype = values instanceof Int32Array ? 'i32' : 'f32';
  return { handle: backend.write(values, shape, dtype), shape, dtype };
}

async function take(backend: Backend, handle: object, x: Operand): Promise<number[]> {
  const values = [...(await backend.read({ ...x, handle }))];
  backend.release(handle);
  return values;
}

async function binary({ backend }: CaseContext, op: BinaryOp, a: number, b: number): Promise<number> {
  // More than one, because of one element tfjs makes a scalar, which it may compute elsewhere.
  const [x, y] = [write(backend, new Float32Array(20).fill(a)), write(backend, new Float32Array(20).fill(b))];
  const [value] = await take(backend, backend.binary(op, x, y), x);
  backend.release(x.handle);
  backend.release(y.handle);
  return value as number;
}

/** Integers of more than 24 bits come out as the nearest float. */
async function expectRounded({ backend }: CaseContext, move: (x: Operand) => object): Promise<void> {
  const x = write(
    backend,
    Int32Array.from({ length: 12 }, (_, n) => 2 ** 24 + 1 + 2 * n),
    [3, 4],
  );
  const values = await take(backend, move(x), x);
  backend.release(x.handle);
  expect(values.slice(0, 12).every((value) => value % 2 === 0)).toBe(true);
}

const inWebgl = 'tfjs keeps integers as floats in WebGL textures, so beyond 24 bits they are rounded';

/** What tfjs's webgl does otherwise, each as the README lists it. */
export const webglDeviations: readonly Deviation[] = [
  {
    case: 'broadcastTo: value, of integers beyond 24 bits',
    reason: inWebgl,
    assert: (context) => expectRounded(context, (x) => context.backend.broadcast(x, [2, 3, 4])),
  },
  {
    case: 'flip: value, of integers beyond 24 bits',
    reason: inWebgl,
    assert: (context) => expectRounded(context, (x) => context.backend.flip(x, [0, 1])),
  },
  {
    case: 'div: value, of NaN and infinity',
    reason: "tfjs's shader gives 1 wherever both sides are equal, and so for ∞/∞",
    assert: async (context) => expect(await binary(context, 'div', Infinity, Infinity)).toBe(1),
  },
  {
    case: 'pow: value, of NaN and infinity',
    reason: 'the pow of the shader language is not that of IEEE: NaN to the power of −1 is 0',
    assert: async (context) => expect(await binary(context, 'pow', NaN, -1)).toBe(0),
  },
];

/** What tfjs's webgpu does otherwise. */
export const webgpuDeviations: readonly Deviation[] = [
  {
    case: 'flip: value, of integers beyond 24 bits',
    reason: 'the kernel of reverse reads integers as floats, so beyond 24 bits they are rounded',
    assert: (context) => expectRounded(context, (x) => context.backend.flip(x, [0, 1])),
  },
  {
    case: 'sigmoid: value, of NaN and infinity',
    reason: 'the kernel gives 0 for NaN',
    assert: async ({ backend }) => {
      const x = write(backend, Float32Array.of(NaN));
      expect(await take(backend, backend.unary('sigmoid', x), x)).toEqual([0]);
      backend.release(x.handle);
    },
  },
  {
    case: 'pow: value, of NaN and infinity',
    reason: 'the pow of the shader language is not that of IEEE: NaN to the power of 0 is NaN',
    assert: async (context) => expect(await binary(context, 'pow', NaN, 0)).toBe(NaN),
  },
];
