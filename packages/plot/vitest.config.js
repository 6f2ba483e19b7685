import { defineTests, nodeProject } from '@tempograd/vitest-config';

export default defineTests(nodeProject());
