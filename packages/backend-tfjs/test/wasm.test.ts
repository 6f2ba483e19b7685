import './support/wasm.js';
import { testOn, wasmCases } from './support/suite.js';

testOn('wasm', wasmCases);
