import { BackendError } from '@tempograd/core/backend';
import type { Backend, Operand } from '@tempograd/core/backend';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeBackend } from '../../src/createBackend.js';
import { engineOf } from '../../src/engine/engineOf.js';
import type { Kernel } from '../../src/engine/Kernel.js';
import { createBackend } from '../../src/index.js';
import type { WebGpuHandle } from '../../src/index.js';
import { negated, rejection, tensor } from '../support/tensors.js';

type X = Operand<WebGpuHandle>;

let backend: Backend<WebGpuHandle>;
let x: X;

beforeEach(async () => {
  backend = await createBackend();
  x = tensor(backend, [1, 2, 3, 4], [2, 2]);
});

afterEach(() => backend.dispose?.());

const copyCode = `
@group(0) @binding(0) var<uniform> params: vec4u;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;
@compute @workgroup_size(4)
fn main(@builtin(local_invocation_index) lane: u32) { result[lane] = x[params.x + lane]; }
`;

/** An op of one kernel, which writes `to`, or a new tensor. */
function copied(kernel: Kernel, to: X | null = null, groups = 1): X {
  const gpu = engineOf(backend);
  return gpu.attempt(
    'copied',
    (from: X) => {
      const out = { ...x, handle: to?.handle ?? gpu.allocate(x.shape, 'f32') };
      gpu.begin().ints(0);
      gpu.commands.run(kernel, 'plain', null, [gpu.buffer(from), gpu.buffer(out)], groups);
      return out;
    },
    [x],
  );
}

const bindings = ['read', 'write'] as const;

/** What a read says of a backend whose shaders of `basic` have this text. */
async function refusalOf(change: (code: string) => string): Promise<Error> {
  const codeOf = ({ name, code }: Kernel): string => (name === 'basic' ? change(code) : code);
  const faulty = await makeBackend({}, { codeOf });
  try {
    return await rejection(faulty.read(negated(faulty, tensor(faulty, [1, 2, 3, 4], [2, 2]))));
  } finally {
    faulty.dispose?.();
  }
}

test('a shader that does not compile names op, operands and shader, and what is wrong with it', async () => {
  const error = await refusalOf((code) => code.replace('result[i[k]] =', 'result[i[k]] = nonsense +'));
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(/refused the shader basic .*, for unary of f32 \[2, 2\]/);
  expect(error.message).toMatch(/nonsense/);
});

test('a shader whose bindings are not those of its kernel', async () => {
  const error = await refusalOf((code) => code.replace('<storage, read> x', '<storage, read_write> x'));
  expect(error.message).toMatch(/refused the shader basic .*, for unary of f32 \[2, 2\]/);
});

test('commands that are not valid are an error of the next read, whichever it is, the first time and later', async () => {
  const kernel: Kernel = { name: 'copier', code: copyCode, bindings };
  expect([...(await backend.read(copied(kernel)))]).toEqual([1, 2, 3, 4]);
  // One buffer is read and written.
  copied(kernel, x);
  const error = await rejection(backend.read(tensor(backend, [1])));
  expect(error).toBeInstanceOf(BackendError);
  expect(error.message).toMatch(/The GPU refused commands/);
  // What is lost stays lost.
  expect(await rejection(backend.read(negated(backend, x)))).toBe(error);
});

test('too many workgroups, named with the op that ran for the first time', async () => {
  const error = await rejection(backend.read(copied({ name: 'copier', code: copyCode, bindings }, null, 2 ** 20)));
  expect(error.message).toMatch(/refused commands, among them copied of f32 \[2, 2\]: .*1048576/s);
});

test('another backend on the same device is not told', async () => {
  const { device } = engineOf(backend);
  const other = await createBackend({ device });
  await rejection(backend.read(copied({ name: 'copier', code: 'nonsense', bindings })));
  expect([...(await other.read(negated(other, tensor(other, [7]))))]).toEqual([-7]);
  other.dispose?.();
});

test('ops that throw on their way do not use up the room for parameters', async () => {
  const gone = negated(backend, x);
  backend.release(gone.handle);
  await backend.read(x);
  for (let i = 0; i < 5000; i++) expect(() => backend.unary('neg', gone)).toThrow(/released/);
  expect([...(await backend.read(negated(backend, x)))]).toEqual([-1, -2, -3, -4]);
});
