// The whole suite on webgl; `npm run in -- packages/backend-tfjs test:all` runs it.
import '@tensorflow/tfjs-backend-webgl';
import { testOn } from './support/suite.js';

testOn('webgl');
