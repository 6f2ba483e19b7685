import '@tensorflow/tfjs-backend-cpu';
import { testOn } from './support/suite.js';

testOn('cpu');
