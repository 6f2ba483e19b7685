import { ArgumentError, disposeTree, keep, scope, treeEntries, type Tensor } from '@tempograd/core';
import { checkOptions, formatShape, optionTable, sameShape } from '@tempograd/core/backend';
import {
  readTree,
  toOnnxWeights,
  type ModelInput,
  type NamedInputs,
  type ResolvedConfig,
  type SequenceModel,
  type SequenceModelParams,
  type StoredTensor,
} from '@tempograd/nn';
import { addInputs } from './addInputs.js';
import { GraphBuilder, type Value } from './GraphBuilder.js';
import { addLengths, perRow } from './lengths.js';
import { accumulatorsOf, addPooling } from './pooling.js';
import { addRecurrence, type LayerWeights } from './recurrence.js';
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
 * Inputs: `inputs`, int32 `[time, batch]` for a vocabulary, else float `[time, batch, features]`, or of several `inputs.<name>`; the
 * carry, `h0` (and `c0`), `[layers · directions, batch, hidden]`, and what was pooled so far, `[1, batch, …]`; where the carry is
 * learned `starts`, bool `[batch]`, for the rows that begin with it whatever their `h0`; `lengths` on request. Outputs: `outputs`,
 * `[time, batch, outputs]`, as `model.logits` gives them, of a model that pools `[1, batch, outputs]`, for all that was read; and
 * the carry for the next run, `h` (and `c`). With a `paddingIndex` the lengths are counted from the items: padding has to stand at
 * a row's end, and a row that has some before gives NaN.
 * @throws ArgumentError when the model has a setting that the graph cannot express, or the parameters are another model's.
 */
export async function exportOnnx<I extends ModelInput | NamedInputs>(
  model: SequenceModel<I>,
  params: SequenceModelParams<I>,
  options: ExportOnnxOptions = {},
): Promise<Uint8Array> {
  checkOptions('exportOnnx', options, exportTable);
  requireModel(model);
  const config: ResolvedConfig<ModelInput | NamedInputs> = model.config;
  const { carry = config.bidirectional ? 'initial' : 'given', lengths = false, metadata = {} } = options;
  requireExpressible(config, lengths);
  requireTexts(metadata);
  requireParams(model.parameters(), params);
  return build(config, await storedWeights(config, params), { carry, lengths, metadata });
}

function build(
  config: ExpressibleConfig,
  stored: ReadonlyMap<string, StoredTensor>,
  { carry, lengths: givenLengths, metadata }: Required<ExportOnnxOptions>,
): Uint8Array {
  const { hidden, layers, cell, bidirectional, pooling, outputs, tieWeights, layerNorm } = config;
  const graph = new GraphBuilder();
  const weight = (name: string): Value => {
    const { shape, data } = stored.get(name) as StoredTensor;
    return graph.floats(name, shape, Float32Array.from(data));
  };
  const carryShape = [layers * (bidirectional ? 2 : 1), 'batch', hidden];
  const { x, first } = addInputs(graph, config.input, weight);
  const lengths = addLengths(graph, first, config.paddingIndex, givenLengths);
  const states = cell === 'lstm' ? ['h', 'c'] : ['h'];
  const start = startOf();
  const weights = Array.from({ length: layers }, (_, layer): LayerWeights => ({
    w: weight(`rnn.${layer}.w`),
    r: weight(`rnn.${layer}.r`),
    b: weight(`rnn.${layer}.b`),
    norm: layerNorm ? [weight(`rnn.norm_weight_l${layer}`), weight(`rnn.norm_bias_l${layer}`)] : null,
  }));
  const { output, carry: after } = addRecurrence(graph, config, weights, { x, lengths, carry: start });
  const read = pooling === 'none' ? null : pooled(output, pooling);

  const headWeight = weight(tieWeights ? 'embedding.weight' : 'head.weight');
  const turned = graph.add('Transpose', [headWeight], { perm: [1, 0] });
  const logits = graph.add('Add', [graph.add('MatMul', [read?.output ?? output, turned]), weight('head.bias')]);
  graph.output(lengths.guard(logits), 'outputs', [read === null ? 'time' : 1, 'batch', outputs]);
  for (const [index, state] of states.entries()) graph.output(lengths.guard(after[index] as Value), state, carryShape);
  for (const [name, value] of Object.entries(read?.carry ?? {})) {
    graph.output(lengths.guard(value), name, [1, 'batch', accumulatorsOf(config)[name]?.size ?? 1]);
  }
  return graph.finish({ ...metadata, config: JSON.stringify(config) });

  /** The carry to start with; null for zeros. */
  function startOf(): Value[] | null {
    const { learnedCarry } = config;
    if (carry === 'given') {
      const given = states.map((state) => graph.input(`${state}0`, 'float', carryShape));
      if (!learnedCarry) return given;
      const starts = perRow(graph, graph.input('starts', 'bool', ['batch']));
      return given.map((state) => graph.add('Where', [starts, weight(`rnn.${state}`), state]));
    }
    if (!learnedCarry) return null;
    const batch = graph.add('Shape', [first], { start: 1, end: 2 });
    const shape = graph.add('Concat', [graph.ints([carryShape[0] as number]), batch, graph.ints([hidden])], {
      axis: 0,
    });
    return states.map((state) => graph.add('Expand', [weight(`rnn.${state}0`), shape]));
  }

  function pooled(all: Value, kind: Exclude<ExpressibleConfig['pooling'], 'none'>): ReturnType<typeof addPooling> {
    const before = Object.entries(accumulatorsOf(config)).map(([name, { size, start: value }]) => [
      name,
      carry === 'given' ? graph.input(`${name}0`, 'float', [1, 'batch', size]) : graph.float(value),
    ]);
    const inputs = { output: all, first, lengths, weight, carry: Object.fromEntries(before) as Record<string, Value> };
    return addPooling(graph, { ...config, pooling: kind }, inputs);
  }
}

/** All weights on the host: the recurrent ones as ONNX lays them out, the others by their own names. */
async function storedWeights(
  { cell, layers }: ExpressibleConfig,
  { rnn, ...others }: SequenceModelParams<ModelInput | NamedInputs>,
): Promise<Map<string, StoredTensor>> {
  const operator = cell === 'rnnTanh' || cell === 'rnnRelu' ? 'rnn' : cell;
  const made = scope(() => keep(Array.from({ length: layers }, (_, layer) => toOnnxWeights(operator, rnn, { layer }))));
  try {
    const own = Object.entries(rnn).filter(([name]) => !/^(weight|bias)_[ih]h_/.test(name));
    return await readTree({ ...others, rnn: { ...made, ...(Object.fromEntries(own) as Record<string, Tensor>) } });
  } finally {
    disposeTree(made);
  }
}

function requireModel(model: unknown): void {
  const given = model as Partial<SequenceModel> | null | undefined;
  if (typeof given?.config === 'object' && typeof given.parameters === 'function') return;
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
function requireParams(parameters: ReturnType<SequenceModel['parameters']>, params: unknown): void {
  const given = new Map<string, Tensor>(treeEntries(params));
  for (const [path, { shape }] of parameters) {
    const found = given.get(path);
    if (found !== undefined && sameShape(found.shape, shape)) continue;
    const is = found === undefined ? 'are without it' : `have it as ${formatShape(found.shape)}`;
    throw new ArgumentError(
      `exportOnnx: the model's ${path} is ${formatShape(shape)}, but the parameters ${is}: they are another model's.`,
    );
  }
}
