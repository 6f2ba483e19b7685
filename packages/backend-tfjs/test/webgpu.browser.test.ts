import '@tensorflow/tfjs-backend-webgpu';
import { shaderCases, testOn } from './support/suite.js';

testOn('webgpu', shaderCases);
