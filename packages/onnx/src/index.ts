export { exportOnnx, type ExportOnnxOptions } from './export/exportOnnx.js';
export type { OnnxAttribute, OnnxFile, OnnxNode, OnnxTensor, OnnxValue } from './file/OnnxFile.js';
export { readOnnx } from './file/readOnnx.js';
export type { ImportedEmbedding, ImportedLayer, ImportedLinear, ImportedRecurrence } from './import/ImportedLayer.js';
export { importLayers } from './import/importLayers.js';
export { importModel } from './import/importModel.js';
export { OnnxError } from './OnnxError.js';
export { runRecurrentNode } from './operator/runRecurrentNode.js';
