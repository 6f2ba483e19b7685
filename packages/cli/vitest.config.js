import { defineTests, inOneProcess, nodeProject, webgpuFault } from '@tempograd/vitest-config';

const webgpu = (await webgpuFault()) === undefined;

export default defineTests(nodeProject({ ...inOneProcess, provide: { webgpu } }));
