import { BackendError } from '@tempograd/core/backend';

/** What pictures are drawn in where a bundler has made the program for browsers. @throws BackendError in a worker, which has no document. */
export function newDocument(): Document {
  if (typeof document !== 'undefined') return document;
  throw new BackendError('A worker has no document to draw in. Send the figures to the page, and draw there.');
}
