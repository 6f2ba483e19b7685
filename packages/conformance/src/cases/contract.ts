import { bytesPerElement, fusedFamilies, specificationVersion, type Capabilities } from '@tempograd/core/backend';
import { defineCase, type CaseSpec, type ConformanceCase } from '../run/Case.js';

const spec = (title: string): CaseSpec => ({
  name: `backend: value, ${title}`,
  group: 'contract',
  op: 'backend',
  kind: 'value',
});

const capabilityKeys: readonly (keyof Capabilities)[] = ['dtypes', 'syncRead', 'views', 'maxBufferBytes'];

const requiredOps = [
  'write', 'read', 'release', 'memory', 'resetPeak', 'unary', 'binary', 'compare', 'select', 'matmul', 'sum', 'max', 'reshape',
  'transpose', 'broadcast', 'slice', 'concat', 'flip', 'gather', 'scatterAdd', 'cast', 'fill',
] as const; // prettier-ignore

/** What a backend says of itself. */
export const contractCases: readonly ConformanceCase[] = [
  defineCase(spec('names itself and its version of the contract'), (check) => {
    const { backend } = check.context;
    check.require(/^[a-z0-9-]+$/.test(backend.name), `name is "${backend.name}"; wanted a short one of a-z, 0-9 and -`);
    check.require(
      backend.specificationVersion === specificationVersion,
      `specificationVersion is ${String(backend.specificationVersion)}, core's is ${specificationVersion}`,
    );
  }),
  defineCase(spec('has every required op, and whole families of optional ones'), (check) => {
    const { backend } = check.context;
    for (const op of requiredOps) check.require(typeof backend[op] === 'function', `the required op ${op} is missing`);
    for (const [family, members] of Object.entries(fusedFamilies)) {
      const there = members.filter((member) => typeof backend[member] === 'function');
      check.require(
        there.length === 0 || there.length === members.length,
        `of the family ${family} only ${there.join(', ')} is there, wanted ${members.join(', ')}`,
      );
    }
  }),
  defineCase(spec('declares capabilities that the contract knows'), (check) => {
    const { backend } = check.context;
    const { capabilities } = backend;
    for (const key of Object.keys(capabilities)) {
      check.require(
        capabilityKeys.includes(key as keyof Capabilities),
        `capabilities has "${key}"; the contract knows ${capabilityKeys.join(', ')}`,
      );
    }
    check.require(
      capabilities.dtypes.includes('f32') && capabilities.dtypes.includes('i32'),
      `dtypes are ${capabilities.dtypes.join(', ')}; f32 and i32 must be among them`,
    );
    check.require(
      (capabilities.syncRead === true) === (backend.readSync !== undefined),
      'readSync must be there exactly when capabilities.syncRead is true',
    );
    check.require(
      (capabilities.maxBufferBytes ?? Infinity) >= 2 ** 20 * bytesPerElement('f32'),
      'maxBufferBytes is under 4 MiB, too little to train',
    );
  }),
];
