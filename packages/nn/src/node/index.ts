export { fileCheckpointStore } from './fileCheckpointStore.js';
export { FileLockedError } from './FileLockedError.js';
export { indexTextFile, type IndexedTextFile, type IndexTextOptions } from './indexTextFile.js';
export { lockFile, type FileLock } from './lockFile.js';
export type { LockHolder } from './LockHolder.js';
export type { ProcessMark } from './ProcessMark.js';
export { readSafetensorsFile, writeSafetensorsFile } from './safetensorsFile.js';
export { textFile } from './textFile.js';
export { writeWhole } from './writeWhole.js';
