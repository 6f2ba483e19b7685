export { interpret } from './interpret.js';
export { jacobianPattern } from './pattern/jacobianPattern.js';
export { Pattern } from './pattern/Pattern.js';
export { Program, type ProgramConstant, type ProgramInput, type TracedEquation } from './Program.js';
export { trace } from './trace.js';
