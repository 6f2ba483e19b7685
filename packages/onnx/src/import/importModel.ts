import { scope, shareTree, zeros, type Tensor } from '@tempograd/core';
import { checkOptions } from '@tempograd/core/backend';
import {
  sequenceModel,
  type InitOptions,
  type RecurrentLayerParams,
  type SequenceModel,
  type SequenceModelParams,
} from '@tempograd/nn';
import { requireFile, type OnnxFile, type OnnxNode } from '../file/OnnxFile.js';
import { OnnxError } from '../OnnxError.js';
import { GraphView } from './GraphView.js';
import { importConfigured } from './importConfigured.js';
import type { ImportedEmbedding, ImportedLayer, ImportedLinear, ImportedRecurrence } from './ImportedLayer.js';
import { importTable, layersOf } from './importLayers.js';

/** The layers of a sequence model. */
interface Parts {
  readonly table: ImportedEmbedding | null;
  readonly rnn: ImportedRecurrence;
  readonly head: ImportedLinear;
}

/**
 * The sequence model in a file, to go on training or to run here: an embedding or features, a stack of recurrent layers, a linear
 * head. A file of `exportOnnx` says in its metadata what the model is, and gives back any that it was made of. Of another program's
 * the settings are read off the graph, with the loss that is default for the input; its head is applied at every step, though the
 * graph may do so at the last alone. The parameters belong to the caller's scope.
 * @throws ArgumentError for what is no file; OnnxError when the graph is not such a model, or not the one that its configuration describes.
 */
export function importModel(
  file: OnnxFile,
  options: InitOptions = {},
): { readonly model: SequenceModel; readonly params: SequenceModelParams } {
  requireFile('importModel', file);
  checkOptions('importModel', options, importTable);
  const view = new GraphView(file);
  const { config } = file.metadata;
  if (config !== undefined) return importConfigured(file, config, view, options);
  return scope(() => {
    const { table, rnn, head } = partsOf(layersOf(file, view, options), view);
    requireZeroCarry(rnn, view);
    const tied = table !== null && sameWeight(view, table, head);
    const model = sequenceModel({
      input: table === null ? { features: rnn.inputSize } : { vocabulary: table.vocabulary, embedding: table.size },
      cell: rnn.cell,
      hidden: rnn.hiddenSize,
      layers: rnn.layers,
      bidirectional: rnn.bidirectional,
      outputs: head.outputs,
      tieWeights: tied,
    });
    const like: Required<InitOptions> = { dtype: options.dtype ?? 'f32', backend: head.params.weight.backend };
    const { weight, bias = zeros([head.outputs], like) } = head.params;
    const params: SequenceModelParams = {
      ...(table && { embedding: table.params }),
      rnn: withBiases(rnn, like),
      head: tied ? { bias } : { weight, bias },
    };
    return { model, params: shareTree(params) };
  });
}

function partsOf(layers: readonly ImportedLayer[], view: GraphView): Parts {
  const found = layers.map(({ kind, nodes }) => `${kind} (${nodes.map(({ op }) => op).join(', ')})`).join(', then ');
  const refuse = (why: string): OnnxError =>
    new OnnxError(
      `The graph is no sequence model, which is an embedding or features, one recurrent stack of equal layers, and one linear head: ` +
        `${why}. It has: ${found || 'none of these'}. importLayers(file) gives its layers one by one.`,
    );
  const [first, second, third, ...rest] = layers[0]?.kind === 'embedding' ? layers : [null, ...layers];
  if (second?.kind !== 'recurrent' || third?.kind !== 'linear' || rest.length > 0) throw refuse('there are others');
  const table = first as ImportedEmbedding | null;
  const below = view.sourceOf(second.nodes[0]?.inputs[0] ?? '');
  const fed = table === null ? typeof below === 'string' : below === table.nodes[0];
  if (!fed) throw refuse(`what the recurrence reads comes from ${nameOf(below)}`);
  const under = view.sourceOf(third.nodes[0]?.inputs[0] ?? '');
  if (under !== second.nodes.at(-1)) throw refuse(`what the head reads comes from ${nameOf(under)}`);
  if (table !== null && table.size !== second.inputSize)
    throw refuse('the embedding is of another size than the recurrence reads');
  if (third.inputs !== second.hiddenSize * (second.bidirectional ? 2 : 1)) {
    throw refuse('the head reads another number of features than the recurrence gives');
  }
  return { table, rnn: second, head: third };
}

function nameOf(source: OnnxNode | string): string {
  return typeof source === 'string' ? `the input "${source}"` : `${source.op} "${source.name}"`;
}

/** Whether the head's weight is the embedding's. */
function sameWeight(
  view: GraphView,
  { nodes: [gather] }: ImportedEmbedding,
  { nodes: [product] }: ImportedLinear,
): boolean {
  const table = view.constantName(gather?.inputs[0] ?? '');
  return table !== null && table.name === view.constantName(product?.inputs[1] ?? '')?.name;
}

/** Layers without biases have zeros for them in a sequence model. */
function withBiases({ params, bias }: ImportedRecurrence, like: InitOptions): RecurrentLayerParams {
  if (bias) return params;
  const zero = Object.entries(params).flatMap(([name, tensor]: [string, Tensor]) => {
    if (!name.startsWith('weight_')) return [];
    return [[name.replace('weight_', 'bias_'), zeros([tensor.shape[0] as number], like)]];
  });
  return { ...params, ...(Object.fromEntries(zero) as RecurrentLayerParams) };
}

/** @throws OnnxError when the graph starts from a carry that a model would lose. */
function requireZeroCarry({ nodes }: ImportedRecurrence, view: GraphView): void {
  for (const node of nodes) {
    for (const input of node.inputs.slice(5, 7)) {
      const problem = view.carryProblem(input);
      if (problem === null) continue;
      throw new OnnxError(
        `The node ${node.op} "${node.name}" cannot become a layer of a model: ${problem}. importLayers(file) gives its weights.`,
      );
    }
  }
}
