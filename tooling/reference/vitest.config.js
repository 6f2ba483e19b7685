import { defineTests, findChromium, nodeProject } from '@tempograd/vitest-config';

export default defineTests(nodeProject({ provide: { chromium: findChromium() ?? '' } }));
