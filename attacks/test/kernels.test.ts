import { expect, test } from 'vitest';
import { attackKernels, kernelMachines } from '../src/index.js';
import type { KernelCase } from '../src/kernels/KernelCase.js';
import type { Computer } from '../src/kernels/Machine.js';

const machines = await kernelMachines();

test('every kernel, at random sizes, strides and addresses, in every build and in one to three parts', () => {
  const { failures, called } = attackKernels({ seed: 1, kernels: 220, machines });
  expect(failures).toEqual([]);
  expect([...called].sort()).toEqual([...machines[0]!.kernels].sort());
});

/** A machine whose results are changed where the work is in so many parts. */
function changed(parts: number, name = 'simd'): Computer {
  const machine = machines[0]!;
  return {
    name,
    run(it, inParts, reverse, atEnd) {
      const results = machine.run(it, inParts, reverse, atEnd);
      if (inParts === parts) for (const result of results) if (result.length > 0) result[0]! += 1;
      return results;
    },
  };
}

test('wrong numbers, numbers that go with the parts, and a build that differs from its like are found', () => {
  const faultsOf = (...of: Computer[]): string =>
    attackKernels({ seed: 2, kernels: 40, machines: of })
      .failures.map(({ fault }) => fault)
      .join('\n');
  expect(faultsOf(changed(1))).toMatch(/simd, 1 part: out\[0\] is .*, not .* within/);
  expect(faultsOf(changed(1))).toMatch(/simd, 1 part: x\[0\] was overwritten/);
  expect(faultsOf(changed(3))).toMatch(/simd, 3 parts: other bits than one part, out\[0\]/);
  expect(faultsOf(changed(0, 'relaxed'), changed(1, 'wide'))).toMatch(/wide, 1 part: other bits than relaxed, 1 part/);
});

test('what is written beside a block is found', () => {
  const out = { name: 'out', data: new Int32Array(4), misalign: 1, wanted: 'anything' } as const;
  const it: KernelCase = { title: '', blocks: [out], steps: [{ task: 'fill', words: [out, 5, 7] }] };
  expect(() => machines[0]!.run(it, 1, false, 1)).toThrow(/fill: byte 0 of the \d+ between two blocks was written/);
  expect(() => machines[0]!.run(it, 1, false, 0)).toThrow(/memory access out of bounds/);
});
