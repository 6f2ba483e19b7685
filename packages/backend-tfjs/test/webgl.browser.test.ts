import '@tensorflow/tfjs-backend-webgl';
import { shaderCases, testOn } from './support/suite.js';

testOn('webgl', shaderCases);
