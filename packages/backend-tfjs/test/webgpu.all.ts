// The whole suite on webgpu; `npm run in -- packages/backend-tfjs test:all` runs it.
import '@tensorflow/tfjs-backend-webgpu';
import { testOn } from './support/suite.js';

testOn('webgpu');
