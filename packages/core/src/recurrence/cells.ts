import { checkOptions, optionTable, required, type OptionKinds, type RecurrentCell } from '../backend/index.js';
import { linear } from '../tensor/fused/linear.js';
import { zeros, type CreateOptions } from '../tensor/ops/index.js';
import { alias, scope } from '../tensor/scope.js';
import type { Tensor } from '../tensor/Tensor.js';
import { scanTable, type Cell } from './Cell.js';
import { gateSteps } from './gateSteps.js';
import { recurrent } from './recurrent.js';

/** Parameters of one layer of a standard cell, with PyTorch's names, shapes and gate order. */
export interface RecurrentParams {
  /** W, `[G·H, inputs]`. */
  readonly weight_ih: Tensor;
  /** U, `[G·H, hidden]`. */
  readonly weight_hh: Tensor;
  /** b, `[G·H]`; both biases or neither. */
  readonly bias_ih?: Tensor | null;
  /** d, `[G·H]`. */
  readonly bias_hh?: Tensor | null;
}

/** Carry of an LSTM: hidden and cell state, `[batch, hidden]` each. */
export interface LstmCarry {
  readonly h: Tensor;
  readonly c: Tensor;
}

/** Sizes of a standard cell. */
export interface CellOptions {
  /** Length of the state, H. */
  readonly hiddenSize: number;
}

/** Size and activation of a plain cell. */
export interface RnnCellOptions extends CellOptions {
  /** Default is tanh. */
  readonly activation?: 'tanh' | 'relu';
}

const cellKinds: OptionKinds<CellOptions> = { hiddenSize: required('number') };
const cellTable = optionTable<CellOptions>(cellKinds);
const rnnCellTable = optionTable<RnnCellOptions>({ ...cellKinds, activation: ['tanh', 'relu'] });

/** `h' = φ(W x + b + U h + d)`, φ = tanh or relu. Source: Elman 1990. */
export function rnnCell(options: RnnCellOptions): Cell<RecurrentParams, Tensor> {
  checkOptions('rnnCell', options, rnnCellTable);
  return singleStateCell(options.activation === 'relu' ? 'rnnRelu' : 'rnnTanh', options.hiddenSize);
}

/** Gated recurrent unit with the reset gate after the product, as in PyTorch and cuDNN. Source: Cho et al. 2014. */
export function gruCell(options: CellOptions): Cell<RecurrentParams, Tensor> {
  checkOptions('gruCell', options, cellTable);
  return singleStateCell('gru', options.hiddenSize);
}

/** Long short-term memory with forget gate. Source: Hochreiter & Schmidhuber 1997; Gers et al. 2000. */
export function lstmCell(options: CellOptions): Cell<RecurrentParams, LstmCarry> {
  checkOptions('lstmCell', options, cellTable);
  const { hiddenSize } = options;
  return standardCell(
    'lstm',
    ({ h, c }) => [h, c],
    ([h, c]) => ({ h: h as Tensor, c: c as Tensor }),
    (batch, like) => ({ h: zeros([batch, hiddenSize], like), c: zeros([batch, hiddenSize], like) }),
  );
}

function singleStateCell(kind: RecurrentCell, hiddenSize: number): Cell<RecurrentParams, Tensor> {
  return standardCell(
    kind,
    (h) => [h],
    ([h]) => h as Tensor,
    (batch, options) => zeros([batch, hiddenSize], options),
  );
}

function standardCell<C>(
  kind: RecurrentCell,
  toList: (carry: C) => Tensor[],
  fromList: (list: readonly Tensor[]) => C,
  initialCarry: (batch: number, options?: CreateOptions) => C,
): Cell<RecurrentParams, C> {
  return {
    initialCarry,
    step(params, carry, input) {
      return scope(() => {
        const fromInput = linear(input, params.weight_ih, params.bias_ih);
        const half = { weightHh: params.weight_hh, biasHh: params.bias_hh ?? null };
        const after = gateSteps[kind](fromInput, toList(carry), half);
        return { carry: fromList(after), output: alias(after[0] as Tensor) };
      });
    },
    segment(params, carry, input, options) {
      checkOptions('segment', options, scanTable);
      const { mask, reverse } = options;
      const { output, carry: after } = recurrent({
        cell: kind,
        input,
        carry: toList(carry),
        weightIh: params.weight_ih,
        weightHh: params.weight_hh,
        biasIh: params.bias_ih ?? null,
        biasHh: params.bias_hh ?? null,
        mask: mask ?? null,
        reverse: reverse ?? false,
      });
      return { carry: fromList(after), output };
    },
  };
}
