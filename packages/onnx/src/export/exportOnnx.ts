import { ArgumentError, disposeTree, keep, scope, treeEntries, type Tensor } from '@tempograd/core';
import { checkOptions, formatShape, optionTable, sameShape } from '@tempograd/core/backend';
import {
  readTree,
  toOnnxWeights,
  type SequenceModel,
  type SequenceModelParams,
  type StoredTensor,
} from '@tempograd/nn';
import { GraphBuilder, type Value } from './GraphBuilder.js';
import { addLengths } from './lengths.js';
import { addRecurrence } from './recurrence.js';
import { requireExpressible, type ExpressibleConfig } from './requireExpressible.js';

/** What the exported graph takes and gives. */
export interface ExportOnnxOptions {
  /**
   * Where a sequence starts. `given` makes the carry inputs of the graph, `h0` (and `c0` for an LSTM), so that a stream can be run
   * part by part; `initial` starts every run anew, from zeros or the learned carry. Default is given; `initial` for a
   * bidirectional model.
   */
  readonly carry?: 'given' | 'initial';
  /** An input `lengths`, int32 `[batch]`: the steps of each row, those after them being padding. Default is false. */
  readonly lengths?: boolean;
  /** Further texts for the file's `metadata_props`, such as `{ vocabulary: JSON.stringify(vocabulary) }`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const exportTable = optionTable<ExportOnnxOptions>({
  carry: ['given', 'initial'],
  lengths: 'boolean',
  metadata: 'object',
});

/**
 * A trained model as the bytes of an ONNX file, in f32, with `time` and `batch` open. Dropout is left out.
 *
 * Inputs: `inputs`, int32 `[time, batch]` for a vocabulary, else float `[time, batch, features]`; `h0` (and `c0`),
 * `[layers · directions, batch, hidden]`, and where the carry is learned `starts`, bool `[batch]`, for the rows that begin with it
 * whatever their `h0`; `lengths` on request. Outputs: `outputs`, `[time, batch, outputs]`, as `model.logits` gives them, and `h`
 * (and `c`), the carry for the next run. With a `paddingIndex` the lengths are counted from the items: padding has to stand at a
 * row's end, and a row that has some before gives NaN.
 * @throws ArgumentError when the model has a setting that the graph cannot express, or the parameters are another model's.
 */
export async function exportOnnx(
  model: SequenceModel,
  params: SequenceModelParams,
  options: ExportOnnxOptions = {},
): Promise<Uint8Array> {
  checkOptions('exportOnnx', options, exportTable);
  const { config } = requireModel(model);
  const { carry = config.bidirectional ? 'initial' : 'given', lengths = false, metadata = {} } = options;
  requireExpressible(config, lengths);
  requireTexts(metadata);
  requireParams(model, params);
  const stored = await storedWeights(config, params);
  return build(config, stored, { carry, lengths, metadata });
}

function build(
  config: ExpressibleConfig,
  stored: ReadonlyMap<string, StoredTensor>,
  { carry, lengths, metadata }: Required<ExportOnnxOptions>,
): Uint8Array {
  const { input, hidden, layers, cell, bidirectional, learnedCarry, outputs } = config;
  const graph = new GraphBuilder();
  const weight = (name: string): Value => {
    const { shape, data } = stored.get(name) as StoredTensor;
    return graph.floats(name, shape, Float32Array.from(data));
  };
  const states = cell === 'lstm' ? ['h', 'c'] : ['h'];
  const carryShape = [layers * (bidirectional ? 2 : 1), 'batch', hidden];

  const isItems = 'vocabulary' in input;
  const inputs = graph.input(
    'inputs',
    isItems ? 'int32' : 'float',
    isItems ? ['time', 'batch'] : ['time', 'batch', input.features],
  );
  const x = isItems ? graph.add('Gather', [weight('embedding.weight'), inputs], { axis: 0 }) : inputs;
  const counted = addLengths(graph, inputs, config, lengths);
  const start = startOf();
  const weights = Array.from({ length: layers }, (_, layer) => ({
    w: weight(`rnn.${layer}.w`),
    r: weight(`rnn.${layer}.r`),
    b: weight(`rnn.${layer}.b`),
  }));
  const { output, carry: after } = addRecurrence(graph, config, weights, { x, lengths: counted.lengths, carry: start });
  const headWeight = config.tieWeights ? 'embedding.weight' : weight('head.weight');
  const product = graph.add('MatMul', [output, graph.add('Transpose', [headWeight], { perm: [1, 0] })]);
  const logits = graph.add('Add', [product, weight('head.bias')]);
  graph.output(counted.guard(logits), 'outputs', ['time', 'batch', outputs]);
  for (const [index, state] of states.entries()) graph.output(counted.guard(after[index] as Value), state, carryShape);
  return graph.finish({ ...metadata, config: JSON.stringify(config) });

  /** The carry to start with; null for zeros. */
  function startOf(): Value[] | null {
    if (carry === 'given') {
      const given = states.map((state) => graph.input(`${state}0`, 'float', carryShape));
      if (!learnedCarry) return given;
      const starts = graph.add('Reshape', [graph.input('starts', 'bool', ['batch']), graph.ints([1, -1, 1])]);
      return given.map((state) => graph.add('Where', [starts, weight(`rnn.${state}`), state]));
    }
    if (!learnedCarry) return null;
    const batch = graph.add('Shape', [inputs], { start: 1, end: 2 });
    const shape = graph.add('Concat', [graph.ints([carryShape[0] as number]), batch, graph.ints([hidden])], {
      axis: 0,
    });
    return states.map((state) => graph.add('Expand', [weight(`rnn.${state}0`), shape]));
  }
}

/** All weights on the host: the recurrent ones as ONNX lays them out, the others by their own names. */
async function storedWeights(
  { cell, layers }: ExpressibleConfig,
  params: SequenceModelParams,
): Promise<Map<string, StoredTensor>> {
  const operator = cell === 'rnnTanh' || cell === 'rnnRelu' ? 'rnn' : cell;
  const made = scope(() =>
    keep(Array.from({ length: layers }, (_, layer) => toOnnxWeights(operator, params.rnn, { layer }))),
  );
  try {
    const { h0, c0 } = params.rnn;
    const { embedding, head } = params;
    const tree = {
      rnn: { ...made, ...(h0 && { h0 }), ...(c0 && { c0 }) },
      head,
      ...(embedding && { embedding }),
    };
    return await readTree(tree);
  } finally {
    disposeTree(made);
  }
}

function requireModel(model: SequenceModel): SequenceModel {
  const given = model as Partial<SequenceModel> | null | undefined;
  if (typeof given?.config === 'object' && typeof given.parameters === 'function') return model;
  throw new ArgumentError(
    'exportOnnx: the first argument must be a model, as sequenceModel() or charModel() makes it.',
  );
}

function requireTexts(metadata: Readonly<Record<string, unknown>>): void {
  for (const [name, text] of Object.entries(metadata)) {
    if (name === 'config') {
      throw new ArgumentError("exportOnnx: the metadata's config is the model's own; choose another name for yours.");
    }
    if (typeof text !== 'string') {
      throw new ArgumentError(`exportOnnx: metadata are texts, but ${name} is ${typeof text}; use JSON.stringify.`);
    }
  }
}

/** @throws ArgumentError unless the parameters are those of the model. */
function requireParams(model: SequenceModel, params: SequenceModelParams): void {
  const given = new Map<string, Tensor>(treeEntries(params));
  for (const [path, { shape }] of model.parameters()) {
    const found = given.get(path);
    if (found !== undefined && sameShape(found.shape, shape)) continue;
    const is = found === undefined ? 'are without it' : `have it as ${formatShape(found.shape)}`;
    throw new ArgumentError(
      `exportOnnx: the model's ${path} is ${formatShape(shape)}, but the parameters ${is}: they are another model's.`,
    );
  }
}
