import {
  artbp,
  checkpointedBptt,
  fullBptt,
  gruCell,
  lstmCell,
  randomTelescoping,
  rnnCell,
  scan,
  truncatedBptt,
  type Cell,
  type RecurrentParams,
} from '@tempograd/core';
import type { RecurrentCell } from '@tempograd/core/backend';

/** A cell whatever its carry: cases see carries as trees. */
export type AnyCell = Cell<RecurrentParams, unknown>;

/** What the suite takes from core, so that a mutated copy can be put in its place to see that the suite rejects it. */
export interface Kit {
  readonly cells: Readonly<Record<RecurrentCell, (options: { readonly hiddenSize: number }) => AnyCell>>;
  readonly scan: typeof scan;
  readonly fullBptt: typeof fullBptt;
  readonly truncatedBptt: typeof truncatedBptt;
  readonly checkpointedBptt: typeof checkpointedBptt;
  readonly artbp: typeof artbp;
  readonly randomTelescoping: typeof randomTelescoping;
}

/** The cells, scan and strategies of core. */
export const coreKit: Kit = {
  cells: {
    rnnTanh: (options) => rnnCell(options),
    rnnRelu: (options) => rnnCell({ ...options, activation: 'relu' }),
    lstm: (options) => lstmCell(options),
    gru: (options) => gruCell(options),
  },
  scan,
  fullBptt,
  truncatedBptt,
  checkpointedBptt,
  artbp,
  randomTelescoping,
};
