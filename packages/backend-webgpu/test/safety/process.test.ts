import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const script = (ending: string): string => `
  import { createBackend } from '@tempograd/backend-webgpu';
  const backend = await createBackend();
  const x = { handle: backend.write(new Float32Array([1, 2]), [2], 'f32'), shape: [2], dtype: 'f32' };
  console.log([...(await backend.read({ ...x, handle: backend.unary('neg', x) }))].join());
  ${ending}
`;

describe('a Node process ends by itself', () => {
  test.each([
    ['after dispose', 'backend.dispose();'],
    ['with a read under way at dispose', 'backend.read(x).catch((e) => console.log(e.name)); backend.dispose();'],
    ['without dispose', ''],
  ])('%s', async (name, ending) => {
    const args = ['--input-type=module', '--unhandled-rejections=strict', '-e', script(ending)];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: import.meta.dirname,
      timeout: 200_000,
    });
    expect(stdout.trim().split('\n')).toEqual(name.includes('read') ? ['-1,-2', 'BackendError'] : ['-1,-2']);
  });
});
