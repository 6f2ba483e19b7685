import { defineTests, findChromium, nodeProject } from '@tempograd/vitest-config';

export default defineTests(
  nodeProject({ provide: { chromium: findChromium() ?? '' }, testTimeout: 120_000, hookTimeout: 120_000 }),
);
