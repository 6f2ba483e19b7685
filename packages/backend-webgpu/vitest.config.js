import { browserProject, defineTests, webgpuProject } from '@tempograd/vitest-config';

export default defineTests(await webgpuProject({ name: 'node' }), browserProject());
