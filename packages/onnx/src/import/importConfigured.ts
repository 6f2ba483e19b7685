import { scope, shareTree, type Shape, type Tensor } from '@tempograd/core';
import {
  sequenceModel,
  type InitOptions,
  type SequenceModel,
  type SequenceModelConfig,
  type SequenceModelParams,
} from '@tempograd/nn';
import type { OnnxFile } from '../file/OnnxFile.js';
import { OnnxError } from '../OnnxError.js';
import { isRecurrent } from '../operator/settings.js';
import type { GraphView } from './GraphView.js';
import { readOnnxTensor, requireHostShape, toTensor } from './hostTensor.js';
import { importRecurrentNode } from './importRecurrence.js';
import type { ImportedRecurrence } from './ImportedLayer.js';

/**
 * The model that a file's configuration describes, with the recurrent weights of its nodes and all others by their names. Nothing of
 * what the configuration says is made before the file has agreed with it.
 * @throws OnnxError when the configuration makes no sense, or is not that of the graph.
 */
export function importConfigured(
  file: OnnxFile,
  config: string,
  view: GraphView,
  options: InitOptions,
): { readonly model: SequenceModel; readonly params: SequenceModelParams } {
  const model = modelOf(config);
  return scope(() => {
    const nodes = file.nodes.filter(isRecurrent);
    requireSame('layers', model.config.layers, nodes.length);
    const layers = nodes.map((node) => importRecurrentNode(node, view, options));
    const recurrent = new Map(layers.flatMap((layer, index) => weightsOf(model, layer, index)));
    const all: [path: string, tensor: Tensor][] = [];
    for (const [path, { shape }] of model.parameters()) {
      const found = recurrent.get(path);
      if (found === undefined) all.push([path, namedTensor(file, path, shape, options)]);
      else {
        requireSame(path, shape.join(' × '), found.shape.join(' × '));
        all.push([path, found]);
      }
    }
    return { model, params: shareTree(treeOf(all)) };
  });
}

/** A parameter that the file has under its own name. */
function namedTensor(file: OnnxFile, path: string, shape: Shape, options: InitOptions): Tensor {
  const host = readOnnxTensor(file.tensor(path), path, false);
  requireHostShape(host, shape, 'a parameter of the model in the metadata');
  return toTensor(host, options);
}

/** Parameters by their paths as a model has them: `group.leaf`, or `embedding.<input>.leaf` of one input among several. */
function treeOf(entries: readonly (readonly [path: string, tensor: Tensor])[]): SequenceModelParams {
  const tree: Record<string, Record<string, unknown>> = {};
  for (const [path, tensor] of entries) {
    const [name, second, third] = path.split('.') as [string, string, string?];
    const group = (tree[name] ??= {});
    group[second] = third === undefined ? tensor : { [third]: tensor };
  }
  return tree as unknown as SequenceModelParams;
}

function modelOf(config: string): SequenceModel {
  try {
    return sequenceModel(JSON.parse(config) as SequenceModelConfig);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxError(`The configuration in the file's metadata cannot be used: ${why}`, { cause });
  }
}

/** One layer's weights by their paths in the model's parameters. */
function weightsOf({ config }: SequenceModel, layer: ImportedRecurrence, index: number): [path: string, Tensor][] {
  requireSame('cell', config.cell, layer.cell);
  requireSame('hidden', config.hidden, layer.hiddenSize);
  requireSame('bidirectional', config.bidirectional, layer.bidirectional);
  return Object.entries(layer.params).map(([name, tensor]: [string, Tensor]) => [
    `rnn.${name.replace('_l0', `_l${index}`)}`,
    tensor,
  ]);
}

function requireSame(name: string, said: unknown, is: unknown): void {
  if (said === is) return;
  throw new OnnxError(
    `The file does not match its own configuration, which has ${name} = ${JSON.stringify(said)}, where the graph has ${JSON.stringify(is)}.`,
  );
}
