export { fromTfLayer, type ConvertedLayer, type ConvertedLstm, type ConvertedSingleState } from './fromTfLayer.js';
export { resetBeforeGruCell } from './resetBeforeGruCell.js';
export type { TfLayer } from './TfLayer.js';
export { toTfLayer } from './toTfLayer.js';
