import './support/wasm.js';
import { testOn } from './support/suite.js';

testOn('wasm');
