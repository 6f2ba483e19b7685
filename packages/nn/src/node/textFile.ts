import { createReadStream } from 'node:fs';

/**
 * A file as a text of unknown length, for `contiguousStreams` and `characterVocabularyFrom`: read a piece at a time, from its
 * beginning whenever it is iterated over. The pieces are bytes; the vocabulary makes characters of them, UTF-8.
 */
export function textFile(path: string | URL): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => createReadStream(path)[Symbol.asyncIterator]() as AsyncIterator<Uint8Array> };
}
