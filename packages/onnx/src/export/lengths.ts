import type { ResolvedConfig } from '@tempograd/nn';
import type { GraphBuilder, Value } from './GraphBuilder.js';

/** How many steps each row has. */
interface Lengths {
  /** int32 `[batch]`, or null where every row has every step. */
  readonly lengths: Value | null;
  /** A result `[…, batch, …]` of three axes, NaN in the rows whose lengths do not say what the recurrence should see. */
  readonly guard: (result: Value) => Value;
}

const int32 = 6;

/** The lengths as they are given, or counted where the model has a padding item. */
export function addLengths(
  graph: GraphBuilder,
  inputs: Value,
  { paddingIndex }: ResolvedConfig,
  given: boolean,
): Lengths {
  const unguarded = (result: Value): Value => result;
  if (given) return { lengths: graph.input('lengths', 'int32', ['batch']), guard: unguarded };
  if (paddingIndex === null) return { lengths: null, guard: unguarded };
  const padding = graph.add('Cast', [graph.int(paddingIndex)], { to: int32 });
  const read = graph.add('Cast', [graph.add('Not', [graph.add('Equal', [inputs, padding])])], { to: int32 });
  const one = graph.add('Cast', [graph.int(1)], { to: int32 });
  const ones = graph.add('Add', [graph.add('Sub', [read, read]), one]);
  const position = graph.add('CumSum', [ones, graph.int(0)]);
  const lengths = graph.add('ReduceSum', [read, graph.ints([0])], { keepdims: 0 });
  // A length says only where a row ends: the last item that is read must be as far from the start as there are items.
  const last = graph.add('ReduceMax', [graph.add('Mul', [read, position])], { axes: [0], keepdims: 0 });
  const fine = graph.add('Where', [graph.add('Equal', [last, lengths]), graph.float(0), graph.float(NaN)]);
  const added = graph.add('Reshape', [fine, graph.ints([1, -1, 1])]);
  return { lengths, guard: (result) => graph.add('Add', [result, added]) };
}
