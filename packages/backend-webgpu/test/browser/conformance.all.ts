// The whole suite in Chromium: several minutes where it computes with SwiftShader. `npm run in -- packages/backend-webgpu test:all` runs it.

import { testOn } from '../support/suite.js';

testOn('webgpu in Chromium');
