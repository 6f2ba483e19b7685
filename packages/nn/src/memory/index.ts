export { planMemory, type MemoryPlan, type MemoryPlanOptions } from './planMemory.js';
export type { StretchOptions } from './stretchOfModel.js';
export type { MemoryUse } from './PlannedMemory.js';
