import '@tensorflow/tfjs-backend-webgl';
import { webglDeviations } from './support/deviations.js';
import { testOn } from './support/suite.js';

testOn('webgl', webglDeviations);
