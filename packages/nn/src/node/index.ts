export { fileCheckpointStore } from './fileCheckpointStore.js';
export { readSafetensorsFile, writeSafetensorsFile } from './safetensorsFile.js';
export { textFile } from './textFile.js';
export { writeWhole } from './writeWhole.js';
