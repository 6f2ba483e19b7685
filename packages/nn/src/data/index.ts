export { byteVocabulary } from './byteVocabulary.js';
export {
  characterVocabulary,
  characterVocabularyFrom,
  type CharacterVocabularyOptions,
} from './characterVocabulary.js';
export { contiguousStreams, type StreamOptions, type StreamStretch } from './contiguousStreams.js';
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
export { windows, type Series, type WindowOptions, type WindowStretch } from './windows.js';
export { wordVocabulary, wordVocabularyFrom, type WordVocabularyOptions } from './words/wordVocabulary.js';
