import { scope } from '@tempograd/core';
import { checkOptions, optionTable, type OptionTable } from '@tempograd/core/backend';
import type { InitOptions } from '@tempograd/nn';
import { requireFile, type OnnxFile, type OnnxNode } from '../file/OnnxFile.js';
import { isRecurrent } from '../operator/settings.js';
import { GraphView } from './GraphView.js';
import { toTensor } from './hostTensor.js';
import type { ImportedEmbedding, ImportedLayer, ImportedRecurrence } from './ImportedLayer.js';
import { importLinear } from './importLinear.js';
import { importRecurrentNode, stacked } from './importRecurrence.js';

/** Kinds of `InitOptions`. */
export const importTable: OptionTable = optionTable<InitOptions>({ dtype: ['f32', 'f64'], backend: 'backend' });

/**
 * The layers that a file has the weights of, in the order of its graph: embeddings, recurrent stacks and linear layers, whatever
 * program wrote it. What else the graph does is not looked at. Parameters are f32 on the selected backend if not said otherwise,
 * and belong to the caller's scope.
 * @throws ArgumentError for what is no file; OnnxError when a recurrent node computes what no layer does, such as one with peepholes; `runRecurrentNode` runs these.
 */
export function importLayers(file: OnnxFile, options: InitOptions = {}): ImportedLayer[] {
  requireFile('importLayers', file);
  checkOptions('importLayers', options, importTable);
  return scope(() => layersOf(file, new GraphView(file), options));
}

/** The same within a scope. */
export function layersOf(file: OnnxFile, view: GraphView, options: InitOptions): ImportedLayer[] {
  const layers: ImportedLayer[] = [];
  for (const node of file.nodes) {
    if (isRecurrent(node)) {
      const found = importRecurrentNode(node, view, options);
      const below = view.sourceOf(node.inputs[0] ?? '');
      const at = layers.findIndex((layer) => layer.kind === 'recurrent' && layer.nodes.at(-1) === below);
      const joined = at === -1 ? null : stacked(layers[at] as ImportedRecurrence, found);
      if (joined === null) layers.push(found);
      else layers[at] = joined;
      continue;
    }
    const layer = importEmbedding(node, view, options) ?? importLinear(node, view, options);
    if (layer !== null) layers.push(layer);
  }
  return layers;
}

function importEmbedding(node: OnnxNode, view: GraphView, options: InitOptions): ImportedEmbedding | null {
  const [table = '', indices = ''] = node.inputs;
  if (node.op !== 'Gather' || view.constantName(table) === null || view.constantName(indices) !== null) return null;
  if ((node.attributes.get('axis') ?? 0) !== 0) return null;
  const weight = view.constant(table);
  if (weight === null || weight.shape.length !== 2) return null;
  const [vocabulary, size] = weight.shape as [number, number];
  return { kind: 'embedding', nodes: [node], vocabulary, size, params: { weight: toTensor(weight, options) } };
}
