import { defineTests, nodeProject } from '@tempograd/vitest-config';

// Examples train small models, and print what they do: that is for their reader.
export default defineTests(nodeProject({ onConsoleLog: () => false }));
