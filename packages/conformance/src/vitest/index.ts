export { testConformance, type TestConformanceOptions } from './testConformance.js';
