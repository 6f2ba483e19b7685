import { BackendError } from '@tempograd/core/backend';
import type { RequiredOps } from '@tempograd/core/backend';
import type { Handle } from './memory/Handle.js';

type Pending =
  | 'binary' | 'compare' | 'select' | 'reshape' | 'transpose' | 'broadcast' | 'slice' | 'concat' | 'flip'
  | 'cast'; // prettier-ignore

function none(): never {
  throw new BackendError('This op is not there yet.');
}

/** Ops that are still to be written. */
export const pendingOps: Pick<RequiredOps<Handle>, Pending> = {
  binary: none, compare: none, select: none, reshape: none, transpose: none, broadcast: none,
  slice: none, concat: none, flip: none, cast: none,
}; // prettier-ignore
