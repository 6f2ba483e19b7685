const cellNames: ReadonlyMap<string, string> = new Map([
  ['lstm', 'LSTM'],
  ['gru', 'GRU'],
  ['rnnTanh', 'tanh RNN'],
  ['rnnRelu', 'ReLU RNN'],
]);

/** What a kind of cell is called; one of another package is called as it calls itself. */
export function cellName(cell: string): string {
  return cellNames.get(cell) ?? cell;
}

/** `LSTM of 320`, `2 layers of GRU of 64`. */
export function describeRecurrence(cell: string, layers: number, hidden: number): string {
  const each = `${cellName(cell)} of ${hidden}`;
  return layers === 1 ? each : `${layers} layers of ${each}`;
}
