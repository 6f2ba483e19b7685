// The whole suite on cpu; `npm run in -- packages/backend-tfjs test:all` runs it.
import '@tensorflow/tfjs-backend-cpu';
import { testOn } from './support/suite.js';

testOn('cpu');
