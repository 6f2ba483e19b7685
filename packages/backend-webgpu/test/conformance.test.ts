import { testOn } from './support/suite.js';

testOn('webgpu in Node');
