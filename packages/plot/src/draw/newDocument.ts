import { parseHTML } from 'linkedom';

/** What pictures are drawn in: the page's document, or where there is no page one that is made for it. Bundlers for browsers take `pageDocument.ts` instead. */
export function newDocument(): Document {
  return typeof document === 'undefined' ? parseHTML('<!doctype html><body></body>').document : document;
}
