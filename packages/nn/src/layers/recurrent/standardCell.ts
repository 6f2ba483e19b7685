import { broadcastTo, linear, recurrent, zeros, type LstmCarry, type Tensor } from '@tempograd/core';
import type { RecurrentCell } from '@tempograd/core/backend';
import { initParams, recurrentShapes, suffixOf, weightOf, type GateBias } from './params.js';
import type { StackedCell } from './StackedCell.js';

type CarryOf<K extends RecurrentCell> = K extends 'lstm' ? LstmCarry : Tensor;

/** A cell that backends know: whole segments at once. */
export function standardCell<K extends RecurrentCell>(cell: K, gateBias: GateBias | null): StackedCell<CarryOf<K>> {
  return {
    name: cell,
    shapes: (options) => recurrentShapes(cell, options),
    init: (options, key, where) => initParams(cell, options, gateBias, key, where),
    startCarry({ layers, bidirectional, hiddenSize }, params, batch) {
      const shape = [layers * (bidirectional ? 2 : 1), batch, hiddenSize];
      const { dtype, backend } = weightOf(cell, params, `weight_ih${suffixOf(0, false)}`);
      const start = (learned?: Tensor): Tensor =>
        learned ? broadcastTo(learned, shape) : zeros(shape, { dtype, backend });
      const carry = cell === 'lstm' ? { h: start(params.h0), c: start(params.c0) } : start(params.h0);
      return carry as CarryOf<K>;
    },
    run(_options, params, suffix, { input, carry, mask, reverse, table }) {
      const weightIh = weightOf(cell, params, `weight_ih${suffix}`);
      return recurrent({
        cell,
        input,
        carry: [...carry],
        weightIh: table === null ? weightIh : linear(table, weightIh),
        weightHh: weightOf(cell, params, `weight_hh${suffix}`),
        biasIh: params[`bias_ih${suffix}`] ?? null,
        biasHh: params[`bias_hh${suffix}`] ?? null,
        mask,
        reverse,
      });
    },
  };
}
