import '@tensorflow/tfjs-backend-cpu';
import { cpuCases, testOn } from './support/suite.js';

testOn('cpu', cpuCases);
