import type { ExpressibleConfig } from './requireExpressible.js';
import type { GraphBuilder, Value } from './GraphBuilder.js';
import { perRow, positions, type Lengths } from './lengths.js';

/** What a pooling reads. */
export interface PoolingInputs {
  /** `[time, batch, size]`, 0 after a row's length. */
  readonly output: Value;
  /** An input of the graph, `[time, batch, …]`. */
  readonly first: Value;
  readonly lengths: Lengths;
  /** What was pooled before, by name, `[1, batch, …]`. */
  readonly carry: Readonly<Record<string, Value>>;
  /** The name of a weight. */
  readonly weight: (name: string) => Value;
}

/** What a pooling keeps: its length for each row, and what it starts with. */
interface Accumulator {
  readonly size: number;
  readonly start: number;
}

type Poolings = Exclude<ExpressibleConfig['pooling'], 'none'>;

/** What the largest of no numbers is. */
const lowest = -3e38;

const float = 1;

/** The accumulators of a model's pooling, by name. */
export function accumulatorsOf({ pooling, hidden, bidirectional }: ExpressibleConfig): Record<string, Accumulator> {
  const size = hidden * (bidirectional ? 2 : 1);
  const all: Record<ExpressibleConfig['pooling'], Record<string, Accumulator>> = {
    none: {},
    last: bidirectional
      ? { last: { size: hidden, start: 0 }, first: { size: hidden, start: 0 }, count: { size: 1, start: 0 } }
      : { last: { size, start: 0 } },
    mean: { sum: { size, start: 0 }, count: { size: 1, start: 0 } },
    max: { max: { size, start: lowest } },
    attention: { score: { size: 1, start: lowest }, weight: { size: 1, start: 0 }, sum: { size, start: 0 } },
  };
  return all[pooling];
}

/** Nodes of a pooling: of all that was read → `[1, batch, size]`, and what was pooled so far. */
export function addPooling(
  graph: GraphBuilder,
  { pooling, hidden, bidirectional }: ExpressibleConfig & { readonly pooling: Poolings },
  inputs: PoolingInputs,
): { readonly output: Value; readonly carry: Record<string, Value> } {
  if (pooling === 'mean') return meanOf(graph, inputs);
  if (pooling === 'max') return maxOf(graph, inputs);
  if (pooling === 'attention') return attentionOf(graph, inputs);
  return bidirectional ? endsOf(graph, inputs, hidden) : lastOf(graph, inputs);
}

type Result = ReturnType<typeof addPooling>;

function lastOf(graph: GraphBuilder, inputs: PoolingInputs): Result {
  const last = latest(graph, inputs, inputs.output);
  return { output: last, carry: { last } };
}

/** Each direction where it ends: the last step forward in time, the first one backward. */
function endsOf(graph: GraphBuilder, inputs: PoolingInputs, half: number): Result {
  const { output, lengths, carry } = inputs;
  const [forward, backward] = graph.addMany('Split', [output, graph.ints([half, half])], 2, { axis: 2 }) as [
    Value,
    Value,
  ];
  const last = latest(graph, inputs, forward);
  const before = carry['count'] as Value;
  const none = graph.add('Equal', [before, graph.float(0)]);
  const counted = lengths.lengths === null ? null : graph.add('Less', [graph.float(0), countOf(graph, inputs)]);
  const isFirst = counted === null ? none : graph.add('And', [none, counted]);
  const own = graph.add('Slice', [backward, graph.ints([0]), graph.ints([1]), graph.ints([0])]);
  const added = graph.add('Where', [isFirst, own, graph.float(0)]);
  const first = graph.add('Add', [carry['first'] as Value, added]);
  const count = graph.add('Add', [before, countOf(graph, inputs)]);
  return { output: graph.add('Concat', [last, first], { axis: 2 }), carry: { last, first, count } };
}

function meanOf(graph: GraphBuilder, inputs: PoolingInputs): Result {
  const sum = graph.add('Add', [inputs.carry['sum'] as Value, sumOverTime(graph, inputs.output)]);
  const count = graph.add('Add', [inputs.carry['count'] as Value, countOf(graph, inputs)]);
  return { output: graph.add('Div', [sum, graph.add('Max', [count, graph.float(1)])]), carry: { sum, count } };
}

function maxOf(graph: GraphBuilder, { output, lengths, carry }: PoolingInputs): Result {
  const max = graph.add('Max', [carry['max'] as Value, maxOverTime(graph, output, lengths.steps())]);
  const some = graph.add('Less', [graph.float(lowest / 2), max]);
  return { output: graph.add('Where', [some, max, graph.float(0)]), carry: { max } };
}

/** The mean by weights `softmax(query · output)`, with the largest score so far taken out of every power. */
function attentionOf(graph: GraphBuilder, { output, lengths, carry, weight: named }: PoolingInputs): Result {
  const query = graph.add('Reshape', [named('pooling.query'), graph.ints([-1, 1])]);
  const scores = graph.add('MatMul', [output, query]);
  const steps = lengths.steps();
  const score = graph.add('Max', [carry['score'] as Value, maxOverTime(graph, scores, steps)]);
  const powers = graph.add('Exp', [graph.add('Sub', [scores, score])]);
  const weights = steps === null ? powers : graph.add('Where', [steps, powers, graph.float(0)]);
  const kept = graph.add('Exp', [graph.add('Sub', [carry['score'] as Value, score])]);
  const add = (before: Value, now: Value): Value =>
    graph.add('Add', [graph.add('Mul', [kept, before]), sumOverTime(graph, now)]);
  const weight = add(carry['weight'] as Value, weights);
  const sum = add(carry['sum'] as Value, graph.add('Mul', [weights, output]));
  const divisor = graph.add('Where', [graph.add('Equal', [weight, graph.float(0)]), graph.float(1), weight]);
  return { output: graph.add('Div', [sum, divisor]), carry: { score, weight, sum } };
}

/** The last step of each row, or what was the last before it. */
function latest(graph: GraphBuilder, { first, lengths: { lengths }, carry }: PoolingInputs, x: Value): Value {
  if (lengths === null) {
    return graph.add('Slice', [x, graph.ints([-1]), graph.ints([2 ** 31 - 1]), graph.ints([0])]);
  }
  const rows = perRow(graph, lengths);
  const one = graph.add('Cast', [graph.int(1)], { to: 6 });
  const isLast = graph.add('Equal', [positions(graph, first), graph.add('Sub', [rows, one])]);
  const found = sumOverTime(graph, graph.add('Where', [isLast, x, graph.float(0)]));
  const some = graph.add('Less', [graph.float(0), graph.add('Cast', [rows], { to: float })]);
  return graph.add('Where', [some, found, carry['last'] as Value]);
}

/** How many steps each row has, `[1, batch, 1]`. */
function countOf(graph: GraphBuilder, { first, lengths: { lengths } }: PoolingInputs): Value {
  if (lengths !== null) return perRow(graph, graph.add('Cast', [lengths], { to: float }));
  const time = graph.add('Cast', [graph.add('Shape', [first], { start: 0, end: 1 })], { to: float });
  const batch = graph.add('Shape', [first], { start: 1, end: 2 });
  return graph.add('Expand', [time, graph.add('Concat', [graph.ints([1]), batch, graph.ints([1])], { axis: 0 })]);
}

function sumOverTime(graph: GraphBuilder, x: Value): Value {
  return graph.add('ReduceSum', [x, graph.ints([0])], { keepdims: 1 });
}

function maxOverTime(graph: GraphBuilder, x: Value, steps: Value | null): Value {
  const seen = steps === null ? x : graph.add('Where', [steps, x, graph.float(lowest)]);
  return graph.add('ReduceMax', [seen], { axes: [0], keepdims: 1 });
}
