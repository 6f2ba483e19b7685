import '@tensorflow/tfjs-backend-webgl';
import { shaderGroups, testOn } from './support/suite.js';

testOn('webgl', shaderGroups);
