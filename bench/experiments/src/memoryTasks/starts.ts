import type { SequenceModelConfig } from '@tempograd/nn';

/** A cell with the values that its parameters start with. */
export interface Start {
  readonly name: string;
  readonly settings: Pick<SequenceModelConfig, 'cell' | 'chrono' | 'initialisers'>;
}

/** Those that are compared, for tasks whose longest dependency is so many steps. */
export function starts(longest: number): readonly Start[] {
  return [
    { name: 'LSTM', settings: { cell: 'lstm' } },
    { name: 'LSTM, orthogonal', settings: { cell: 'lstm', initialisers: { recurrent: 'orthogonal' } } },
    { name: 'LSTM, chrono', settings: { cell: 'lstm', chrono: longest } },
    { name: 'GRU', settings: { cell: 'gru' } },
    { name: 'GRU, chrono', settings: { cell: 'gru', chrono: longest } },
    { name: 'RNN', settings: { cell: 'rnnTanh' } },
    {
      name: 'RNN, orthogonal',
      settings: { cell: 'rnnTanh', initialisers: { recurrent: 'orthogonal', bias: 'zeros' } },
    },
    // The IRNN of Le, Jaitly & Hinton 2015, but for its input weights, which they start at N(0, 0.001²).
    {
      name: 'RNN, ReLU and identity',
      settings: { cell: 'rnnRelu', initialisers: { recurrent: 'identity', bias: 'zeros' } },
    },
  ];
}
