import '@tensorflow/tfjs-backend-webgpu';
import { webgpuDeviations } from './support/deviations.js';
import { shaderGroups, testOn } from './support/suite.js';

testOn('webgpu', webgpuDeviations, shaderGroups);
