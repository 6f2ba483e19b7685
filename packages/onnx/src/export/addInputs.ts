import type { ModelInput, NamedInputs } from '@tempograd/nn';
import type { GraphBuilder, Value } from './GraphBuilder.js';

/** What a graph reads. */
export interface GraphInputs {
  /** `[time, batch, features]`. */
  readonly x: Value;
  /** An input whose first axes are `[time, batch]`: the only one, or the first of several. */
  readonly first: Value;
}

/** The inputs of a model as inputs of the graph, items looked up, several put side by side. */
export function addInputs(
  graph: GraphBuilder,
  input: ModelInput | NamedInputs,
  weight: (name: string) => Value,
): GraphInputs {
  if (isSingle(input)) return read(graph, 'inputs', input, () => weight('embedding.weight'));
  const parts = Object.entries(input).map(([name, kind]) =>
    read(graph, `inputs.${name}`, kind, () => weight(`embedding.${name}.weight`)),
  );
  const [{ first }] = parts as [GraphInputs];
  return {
    first,
    x: graph.add(
      'Concat',
      parts.map(({ x }) => x),
      { axis: 2 },
    ),
  };
}

/** Whether a model has one input, and not several by name. */
function isSingle(input: ModelInput | NamedInputs): input is ModelInput {
  return Object.values(input).every((setting) => typeof setting === 'number');
}

function read(graph: GraphBuilder, name: string, kind: ModelInput, table: () => Value): GraphInputs {
  if (!('vocabulary' in kind)) {
    const numbers = graph.input(name, 'float', ['time', 'batch', kind.features]);
    return { x: numbers, first: numbers };
  }
  const items = graph.input(name, 'int32', ['time', 'batch']);
  return { x: graph.add('Gather', [table(), items], { axis: 0 }), first: items };
}
