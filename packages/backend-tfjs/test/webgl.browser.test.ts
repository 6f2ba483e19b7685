import '@tensorflow/tfjs-backend-webgl';
import { testOn } from './support/suite.js';

testOn('webgl');
