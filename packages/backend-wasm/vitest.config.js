import { browserProject, defineTests, findChromium, nodeProject } from '@tempograd/vitest-config';

// Node 20 has relaxed SIMD behind a flag, newer ones by default.
const node20 = process.versions.node.startsWith('20.');

export default defineTests(
  nodeProject({
    execArgv: node20 ? ['--experimental-wasm-relaxed-simd'] : [],
    provide: { chromium: findChromium() ?? '' },
    // Long for the slowest machine under load; a test takes a second at most on an idle one.
    testTimeout: 60_000,
  }),
  browserProject(),
  browserProject({ crossOriginIsolated: false }),
);
