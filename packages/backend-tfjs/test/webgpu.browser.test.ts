import '@tensorflow/tfjs-backend-webgpu';
import { shaderGroups, testOn } from './support/suite.js';

testOn('webgpu', shaderGroups);
