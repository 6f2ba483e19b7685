export { exportOnnx, type ExportOnnxOptions } from './export/exportOnnx.js';
export type { OnnxAttribute, OnnxFile, OnnxNode, OnnxTensor, OnnxValue } from './file/OnnxFile.js';
export { readOnnx } from './file/readOnnx.js';
export { OnnxError } from './OnnxError.js';
export { runRecurrentNode } from './operator/runRecurrentNode.js';
