export { planMemory, type MemoryPlan, type MemoryPlanOptions, type StretchOptions } from './planMemory.js';
export type { MemoryUse } from './PlannedMemory.js';
