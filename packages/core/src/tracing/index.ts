export { interpret } from './interpret.js';
export { Program, type ProgramConstant, type ProgramInput, type TracedEquation } from './Program.js';
export { trace } from './trace.js';
