import '@tensorflow/tfjs-backend-webgpu';
import { testQuirks } from './support/testQuirks.js';

testQuirks('webgpu');
