export { downloadModel } from './downloadModel.js';
export { indexedDbCheckpointStore } from './indexedDbCheckpointStore.js';
export { loadModel, type ModelSource } from './loadModel.js';
export { privateFileCheckpointStore } from './privateFileCheckpointStore.js';
