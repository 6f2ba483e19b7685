import { expect, inject, test } from 'vitest';
import { testFolder } from './support/folder.js';
import { eventsIn, lossesIn, tempograd } from './support/tempograd.js';

const folder = testFolder();
const hasWebGpu = inject('webgpu' as never) as boolean;

function train(save: string, ...more: string[]): ReturnType<typeof tempograd> {
  const model = ['--hidden', '8', '--batch', '2', '--steps', '4', '--seed', '3'];
  const all = ['train', '--text', 'rhyme.txt', '--save', save, '--json', ...more];
  return tempograd(folder.path, more.includes('--resume') ? all : [...all, ...model]);
}

test.skipIf(!hasWebGpu)(
  'a training goes on from wasm to webgpu and back, and what it learned writes the same on both',
  async () => {
    const more = ['--resume', '--updates', '3'];
    const parts = [
      await train('passed.safetensors', '--backend', 'wasm', '--updates', '3'),
      await train('passed.safetensors', '--backend', 'webgpu', ...more),
      await train('passed.safetensors', '--backend', 'wasm', ...more),
    ];
    expect(parts.map(({ code }) => code)).toEqual([0, 0, 0]);
    const losses = parts.flatMap(({ stdout }) => lossesIn(stdout));
    expect(losses.map(([update]) => update)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(losses.at(-1)?.[1]).toBeLessThan(losses[0]?.[1] as number);

    const args = ['sample', 'passed.safetensors', '--length', '20', '--seed', '1', '--json'];
    const [gpu, cpu] = await Promise.all(
      ['webgpu', 'wasm'].map((backend) => tempograd(folder.path, [...args, '--backend', backend])),
    );
    expect(eventsIn(gpu?.stdout ?? '')[0]).toMatchObject({
      backend: 'webgpu',
      text: eventsIn(cpu?.stdout ?? '')[0]?.['text'],
    });
  },
);

// Elsewhere than on Linux there is no Vulkan loader to tell that there are no drivers.
test.skipIf(!hasWebGpu || process.platform !== 'linux')(
  'without a driver it says so, and what else there is',
  async () => {
    const none = { VK_ICD_FILENAMES: '/none', VK_DRIVER_FILES: '/none' };
    const check = (...args: string[]) => tempograd(folder.path, ['check', ...args], undefined, undefined, none);
    const all = await check('--all', '--op', 'tanh');
    expect(all.stdout).toMatch(/ webgpu +not available: finds no GPU/);
    expect(all.code).toBe(0);
    const { code, stderr } = await check('--backend', 'webgpu');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /The backend "webgpu" finds no GPU, or no driver for it\..*Installed here: (?!.*webgpu)(wasm, )?js\b/,
    );
  },
);
