import type { GraphBuilder, Value } from './GraphBuilder.js';

/** How many steps each row has. */
export interface Lengths {
  /** int32 `[batch]`, or null where every row has every step. */
  readonly lengths: Value | null;
  /** bool `[time, batch, 1]`, the steps within a row's length, or null where all are; made when it is asked for. */
  readonly steps: () => Value | null;
  /** A result `[…, batch, …]` of three axes, NaN in the rows whose lengths do not say what the recurrence should see. */
  readonly guard: (result: Value) => Value;
}

const int32 = 6;

/** The lengths as they are given, or counted where the model has a padding item; `first` is an input `[time, batch, …]`. */
export function addLengths(graph: GraphBuilder, first: Value, paddingIndex: number | null, given: boolean): Lengths {
  if (given) return lengthsOf(graph, first, graph.input('lengths', 'int32', ['batch']));
  if (paddingIndex === null) return { lengths: null, steps: () => null, guard: (result) => result };
  const padding = graph.add('Cast', [graph.int(paddingIndex)], { to: int32 });
  const read = graph.add('Cast', [graph.add('Not', [graph.add('Equal', [first, padding])])], { to: int32 });
  const lengths = graph.add('ReduceSum', [read, graph.ints([0])], { keepdims: 0 });
  // A length says only where a row ends: the last item that is read must be as far from the start as there are items.
  const one = graph.add('Cast', [graph.int(1)], { to: int32 });
  const position = graph.add('Add', [graph.add('Reshape', [positions(graph, first), graph.ints([-1, 1])]), one]);
  const last = graph.add('ReduceMax', [graph.add('Mul', [read, position])], { axes: [0], keepdims: 0 });
  const fine = graph.add('Where', [graph.add('Equal', [last, lengths]), graph.float(0), graph.float(NaN)]);
  const added = graph.add('Reshape', [fine, graph.ints([1, -1, 1])]);
  return { ...lengthsOf(graph, first, lengths), guard: (result) => graph.add('Add', [result, added]) };
}

function lengthsOf(graph: GraphBuilder, first: Value, lengths: Value): Lengths {
  let steps: Value | null = null;
  return {
    lengths,
    steps: () => (steps ??= graph.add('Less', [positions(graph, first), perRow(graph, lengths)])),
    guard: (result) => result,
  };
}

/** 0, 1, …: the number of each step, int32 `[time, 1, 1]`. */
export function positions(graph: GraphBuilder, first: Value): Value {
  const time = graph.add('Squeeze', [graph.add('Shape', [first], { start: 0, end: 1 }), graph.ints([0])]);
  const all = graph.add('Cast', [graph.add('Range', [graph.int(0), time, graph.int(1)])], { to: int32 });
  return graph.add('Reshape', [all, graph.ints([-1, 1, 1])]);
}

/** `[batch]` as `[1, batch, 1]`. */
export function perRow(graph: GraphBuilder, value: Value): Value {
  return graph.add('Reshape', [value, graph.ints([1, -1, 1])]);
}
