export { gru, type GruOptions } from './gru.js';
export { lengthsToMask } from './lengths.js';
export { lstm, type LstmOptions } from './lstm.js';
export type { CarryTree, CellSizes, OwnCell } from './OwnCell.js';
export type { RecurrentInit, RecurrentOptions } from './options.js';
export type { RecurrentLayerParams } from './params.js';
export { rnn, type RnnOptions } from './rnn.js';
export type { RecurrentApplyOptions, RecurrentLayer } from './stack.js';
