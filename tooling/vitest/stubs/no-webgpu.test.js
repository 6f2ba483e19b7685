import { expect, inject, test } from 'vitest';

const required = process.env['REQUIRE_WEBGPU'] === '1';

test.skipIf(!required)(
  'WebGPU in Node, for the tests on it (Linux: apt install libvulkan1 mesa-vulkan-drivers)',
  () => {
    expect(inject(/** @type {never} */ ('webgpuFault'))).toBeUndefined();
  },
);
