// Written by scripts/build-kernels.js, of assembly/recurrent/block.ts.

/** Numbers of the words of the recurrent kernels' block of arguments. */
export const recurrentWord = {
  cell: 0,
  time: 1,
  batch: 2,
  inputSize: 3,
  hiddenSize: 4,
  reverse: 5,
  input: 6,
  weightIh: 7,
  weightHh: 8,
  biasIh: 9,
  biasHh: 10,
  mask: 11,
  h0: 12,
  c0: 13,
  output: 14,
  hLast: 15,
  cLast: 16,
  gates: 17,
  states: 18,
  extra: 19,
  packed: 20,
  outputCotangent: 21,
  hCotangent: 22,
  cCotangent: 23,
  dInput: 24,
  dH0: 25,
  dC0: 26,
  dWeightIh: 27,
  dWeightHh: 28,
  dBiasIh: 29,
  dBiasHh: 30,
  delta: 31,
  dGates: 32,
  rows: 33,
  accumulate: 34,
} as const;

/** How many there are. */
export const recurrentWords = 35;
