import { DataError } from './DataError.js';
import type { TextDecoding, Vocabulary } from './Vocabulary.js';

/** The 256 bytes of UTF-8: no text has an item that is missing, and anything else made of bytes can be read too. */
export function byteVocabulary(): Vocabulary {
  const encoder = new TextEncoder();
  return {
    kind: 'bytes',
    size: 256,
    encode: (text) => Int32Array.from(encoder.encode(text)),
    decode: (ids) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(ids, byteOf)),
    encoding() {
      let held = '';
      const rest = (): Uint8Array => {
        const bytes = encoder.encode(held);
        held = '';
        return bytes;
      };
      return {
        push(piece) {
          if (typeof piece !== 'string') {
            // Half a character that no text completes keeps its place.
            const before = rest();
            const ids = new Int32Array(before.length + piece.length);
            ids.set(before);
            ids.set(piece, before.length);
            return ids;
          }
          const text = held + piece;
          held = endsInSurrogate(text) ? text.slice(-1) : '';
          return Int32Array.from(encoder.encode(text.slice(0, text.length - held.length)));
        },
        end: () => Int32Array.from(rest()),
      };
    },
    decoding: bytesDecoding,
    toJSON: () => ({ kind: 'bytes' }),
  };
}

/** Whether a text stops in the middle of a character of two code units. */
export function endsInSurrogate(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last < 0xdc00;
}

function bytesDecoding(): TextDecoding {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    push: (id) => decoder.decode(Uint8Array.of(byteOf(id)), { stream: true }),
    end: () => decoder.decode(),
  };
}

function byteOf(id: number): number {
  if (!Number.isInteger(id) || id < 0 || id > 255) throw new DataError(`${id} is not a byte; bytes are 0 to 255.`);
  return id;
}
