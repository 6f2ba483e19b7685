// The whole suite in Chromium: several minutes where it computes with SwiftShader. `pnpm test:all` runs it.

import { testOn } from '../support/suite.js';

testOn('webgpu in Chromium');
