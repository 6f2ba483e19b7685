export { byteVocabulary } from './byteVocabulary.js';
export {
  characterVocabulary,
  characterVocabularyFrom,
  type CharacterVocabularyOptions,
} from './characterVocabulary.js';
export { contiguousStreams, type StreamOptions, type StreamStretch } from './contiguousStreams.js';
export type { CsvFormatOptions } from './csv/csvFormat.js';
export type { CsvTable } from './csv/CsvTable.js';
export { readCsv, type CsvOptions } from './csv/readCsv.js';
export { DataError } from './DataError.js';
export type { DataOptions, DataPosition, DataSource, DataStretch } from './DataSource.js';
export type { TextPiece, TextSource } from './itemSource.js';
export { sliceItems, type RandomAccessItems } from './RandomAccessItems.js';
export { sequences, type SequencesOptions } from './sequences/sequences.js';
export type {
  InputTensors,
  LabelledSequence,
  SequenceInput,
  SequenceSource,
  SequencesStretch,
  SequenceValues,
} from './sequences/SequenceItem.js';
export { tokenizerVocabulary, type Tokenizer, type TokenizerVocabularyJson } from './tokens/tokenizerVocabulary.js';
export {
  vocabularyFromJson,
  type TextDecoding,
  type TextEncoding,
  type Vocabulary,
  type VocabularyFromJsonOptions,
  type VocabularyJson,
} from './Vocabulary.js';
export type { WordVocabulary, WordVocabularyJson } from './words/vocabularyOfWords.js';
export { wordsOf } from './words/WordSplitter.js';
export { wordVocabulary, wordVocabularyFrom, type WordVocabularyOptions } from './words/wordVocabulary.js';
export { backtest, type Backtest, type BacktestOptions } from './series/backtest.js';
export { lastValue, seasonalNaive, type LastValueOptions, type SeasonalNaiveOptions } from './series/baselines.js';
export { addChanges, difference, type DifferenceOptions } from './series/difference.js';
export { fillMissing, type Filling, type FillOptions } from './series/missing.js';
export { fitScaler, scalerFromJson, type Scaler, type ScalerJson } from './series/Scaler.js';
export type { FittedScaling, Scaling, ScalingMethod } from './series/scaling.js';
export type { Columns, ListSeries, Series, SeriesLike } from './series/Series.js';
export { splitSeries, type SplitSeriesOptions } from './series/splitSeries.js';
export {
  cycle,
  dayOfWeek,
  dayOfYear,
  hourOfDay,
  monthOfYear,
  timeFeatures,
  type CyclePoint,
  type Time,
} from './series/timeFeatures.js';
export { splitSequences, type Split, type SplitSequencesOptions } from './splitSequences.js';
export { windows, type WindowOptions, type WindowStretch } from './windows.js';
