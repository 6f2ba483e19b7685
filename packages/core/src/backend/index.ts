/** The contract between core and its backends, and all that a backend may import. */
export * from './Backend.js';
export * from './FusedOps.js';
export * from './axisGroups.js';
export * from './capabilities.js';
export * from './dtype.js';
export * from './errors.js';
export * from './noIntegers.js';
export * from './operands.js';
export { choiceMeant } from './optionErrors.js';
export * from './options.js';
export * from './primitives.js';
export * from './program.js';
export * from './SegmentProgram.js';
export * from './shape.js';
