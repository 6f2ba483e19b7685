import '@tensorflow/tfjs-backend-webgl';
import { webglDeviations } from './support/deviations.js';
import { shaderGroups, testOn } from './support/suite.js';

testOn('webgl', webglDeviations, shaderGroups);
