import { conformanceCases, type Group } from '@tempograd/conformance';

/**
 * Groups of what core composes of ops that the other groups test: the same calls in the same order whatever the driver. Node runs
 * them in full; on the software driver of Chromium they take as long as everything else.
 */
export const composedGroups: readonly Group[] = ['cells', 'scan', 'strategies', 'properties', 'functions'];

/**
 * Groups that hold core's own logic to what it promises, on ops that the other groups test: rules of batching and of derivatives of
 * derivatives, refusals, and numbers beside tensors.
 */
const logicGroups: readonly Group[] = ['batching', 'nesting', 'badInput', 'literals'];

/** Of what is composed, what runs in pages: every kind of cell, cut into parts and put together, and what its masks hide. */
const composedCases: readonly string[] = [
  ...['rnnTanh', 'rnnRelu', 'lstm', 'gru'].map((cell) => `${cell} cell: gradient, as a segment, mask with holes`),
  'lstm cell: gradient, step after step',
  'gru cell: jvp, step after step',
  "scan: gradient, of a user's cell, several steps",
  "scan: gradient, of a user's cell, NaN in masked padding",
  'scan: gradient, of a cell with random numbers, cut and run again',
  'fullBptt: gradient, lstm, masked',
  'truncatedBptt: gradient, gru, updateEvery 5',
  'truncatedBptt: value, rnnTanh, the carry keeps its value',
  'truncatedBptt: gradient, parameters changed in place are seen by the next update',
  'gather: gradient, of random shapes',
  'matmul: gradient, of random shapes',
  'softmaxCrossEntropy: gradient, of random shapes',
  'softmax: gradient, with a mask',
  'topK: value, positions of the smallest',
  'argsort: value, of integers, descending',
  'cumsum: gradient',
];

/**
 * What a software driver is slow at, up to ten seconds: segments of many steps, each with barriers, and rows gathered and added up by
 * the thousand, which these cases do small as well in others.
 */
const longCases: readonly string[] = [
  ...['rnnTanh', 'rnnRelu', 'lstm', 'gru'].flatMap((cell) => [
    `${cell}: gradient, many steps`,
    `${cell}: gradient, large and small in turn`,
  ]),
  'gather: gradient, large and small in turn',
  ...['', ' (2)', ' (3)'].map((which) => `scatterAdd: gradient, large and small in turn${which}`),
];

for (const name of [...composedCases, ...longCases]) {
  if (!conformanceCases.some((each) => each.name === name))
    throw new Error(`The suite has no case "${name}" any more.`);
}

/**
 * The cases for every change in a page: all of the backend's own ops and kernels, and some of what is composed of them. Tangents,
 * which core's rules make of ops whose values and gradients are tested, are left to Node but for one chosen above.
 */
export const pageCases: readonly string[] = conformanceCases
  .filter(({ group, kind, name }) => {
    if (composedGroups.includes(group) || kind === 'jvp') return composedCases.includes(name);
    return !logicGroups.includes(group);
  })
  .map(({ name }) => name)
  .filter((name) => !longCases.includes(name));
