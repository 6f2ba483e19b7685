export { readModel, type LoadedModel, type ReadModelOptions } from './readModel.js';
export type { SavedModel } from './SavedModel.js';
export { writeModel } from './writeModel.js';
