import { defineTests, inOneProcess, nodeProject } from '@tempograd/vitest-config';

export default defineTests(nodeProject(inOneProcess));
