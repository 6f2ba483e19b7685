import type { GraphBuilder, Value } from './GraphBuilder.js';
import type { Lengths } from './lengths.js';
import type { ExpressibleConfig } from './requireExpressible.js';

/** W, R and B of one layer. */
export interface LayerWeights {
  readonly w: Value;
  readonly r: Value;
  readonly b: Value;
  /** Weight and bias of the layer's norm, where it has one. */
  readonly norm: readonly [weight: Value, bias: Value] | null;
}

/** What a stack of layers runs on. */
export interface StackInputs {
  /** `[time, batch, features]`. */
  readonly x: Value;
  readonly lengths: Lengths;
  /** h, or h and c: `[layers · directions, batch, hidden]`; null for zeros. */
  readonly carry: readonly Value[] | null;
}

const operators = { lstm: 'LSTM', gru: 'GRU', rnnTanh: 'RNN', rnnRelu: 'RNN' } as const;

/** Nodes of a stack of layers → `[time, batch, directions · hidden]` and the carry after each direction's last step. */
export function addRecurrence(
  graph: GraphBuilder,
  config: ExpressibleConfig,
  weights: readonly LayerWeights[],
  { x, lengths: { lengths, steps }, carry }: StackInputs,
): { readonly output: Value; readonly carry: Value[] } {
  const { cell, hidden, bidirectional, residual } = config;
  const states = cell === 'lstm' ? 2 : 1;
  const directions = bidirectional ? 2 : 1;
  const starts = carry?.map((state) => perLayer(graph, state, weights.length, directions)) ?? null;
  const after: Value[][] = Array.from({ length: states }, () => []);
  let current = x;
  for (const [layer, { w, r, b, norm }] of weights.entries()) {
    const below = current;
    const initial = starts?.map((state) => state[layer] as Value) ?? [];
    const inputs = withoutTrailing([current, w, r, b, lengths ?? '', ...initial]);
    const [y, ...last] = graph.addMany(operators[cell], inputs, 1 + states, {
      hidden_size: hidden,
      direction: bidirectional ? 'bidirectional' : 'forward',
      ...(cell === 'gru' ? { linear_before_reset: 1 } : {}),
      ...(cell === 'rnnRelu' ? { activations: Array.from({ length: directions }, () => 'Relu') } : {}),
    });
    current = besideEachOther(graph, y as Value, directions);
    if (norm !== null) current = normed(graph, current, norm, steps());
    if (residual && layer > 0) current = graph.add('Add', [current, below]);
    last.forEach((state, index) => after[index]?.push(keptWhereEmpty(graph, state, lengths, initial[index])));
  }
  const joined = after.map((perState) =>
    perState.length === 1 ? (perState[0] as Value) : graph.add('Concat', perState, { axis: 0 }),
  );
  return { output: current, carry: joined };
}

/** `[layers · directions, batch, hidden]` cut into `[directions, batch, hidden]`. */
function perLayer(graph: GraphBuilder, state: Value, layers: number, directions: number): Value[] {
  if (layers === 1) return [state];
  const sizes = Array.from({ length: layers }, () => directions);
  return graph.addMany('Split', [state, graph.ints(sizes)], layers, { axis: 0 });
}

/** `[time, directions, batch, hidden]` → `[time, batch, directions · hidden]`. */
function besideEachOther(graph: GraphBuilder, y: Value, directions: number): Value {
  if (directions === 1) return graph.add('Squeeze', [y, graph.ints([1])]);
  return graph.add('Reshape', [graph.add('Transpose', [y], { perm: [0, 2, 1, 3] }), graph.ints([0, 0, -1])]);
}

/** Outputs normalised, and 0 after a row's length again. */
function normed(graph: GraphBuilder, x: Value, norm: readonly [Value, Value], steps: Value | null): Value {
  const result = graph.add('LayerNormalization', [x, ...norm], { axis: -1 });
  return steps === null ? result : graph.add('Where', [steps, result, graph.float(0)]);
}

/** A row without steps keeps its carry; what runtimes make of such a row differs. */
function keptWhereEmpty(graph: GraphBuilder, state: Value, lengths: Value | null, initial: Value | undefined): Value {
  if (lengths === null) return state;
  const counts = graph.add('Cast', [lengths], { to: 1 });
  const empty = graph.add('Reshape', [graph.add('Equal', [counts, graph.float(0)]), graph.ints([1, -1, 1])]);
  return graph.add('Where', [empty, initial ?? graph.float(0), state]);
}

/** Inputs that are left out at the end are not named. */
function withoutTrailing(inputs: readonly Value[]): Value[] {
  const end = inputs.findLastIndex((value) => value !== '');
  return inputs.slice(0, end + 1);
}
