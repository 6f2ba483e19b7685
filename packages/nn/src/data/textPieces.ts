import { endsInSurrogate } from './byteVocabulary.js';
import { DataError } from './DataError.js';
import { cutOff, invalidUtf8At } from './utf8.js';

/** Makes text of whole characters out of pieces, of text or of bytes in UTF-8, that may be cut anywhere. */
export interface TextPieces {
  /** @throws DataError for bytes that are not UTF-8, naming the first. */
  push(piece: string | Uint8Array): string;
  /** What was held back for a piece that never came. */
  end(): string;
}

/** See `TextPieces`. */
export function textPieces(): TextPieces {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let held = '';
  /** Bytes before `cut`, which the decoder holds since a character in it may go on. */
  let taken = 0;
  let cut = new Uint8Array(0);
  const decode = (bytes?: Uint8Array): string => {
    try {
      const text = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
      const rest = joined(cut, bytes?.subarray(-3) ?? new Uint8Array(0));
      taken += cut.length + (bytes?.length ?? 0);
      cut = rest.slice(rest.length - cutOff(rest));
      taken -= cut.length;
      return text;
    } catch (cause) {
      const at = taken + invalidUtf8At(joined(cut, bytes ?? new Uint8Array(0)));
      throw new DataError(
        `The bytes are not text in UTF-8: no character begins at byte ${at}. Convert them, or train on bytes: byteVocabulary().`,
        { cause },
      );
    }
  };
  return {
    push(piece) {
      const text = held + (typeof piece === 'string' ? piece : decode(piece));
      held = endsInSurrogate(text) ? text.slice(-1) : '';
      return text.slice(0, text.length - held.length);
    },
    end() {
      const text = held + decode();
      held = '';
      return text;
    },
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
