import '@tensorflow/tfjs-backend-webgpu';
import { testOn } from './support/suite.js';

testOn('webgpu');
