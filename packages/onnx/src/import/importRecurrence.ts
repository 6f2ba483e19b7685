import type { InitOptions, RecurrentLayerParams } from '@tempograd/nn';
import type { OnnxNode } from '../file/OnnxFile.js';
import { OnnxError } from '../OnnxError.js';
import { beyondLayers, gatesOf, settingsOf } from '../operator/settings.js';
import type { GraphView } from './GraphView.js';
import { requireHostShape, toTensor, type HostTensor } from './hostTensor.js';
import type { ImportedRecurrence } from './ImportedLayer.js';
import { layerCell, layerParams } from './recurrentLayer.js';

/** One recurrent node as a stack of one layer. @throws OnnxError when no layer computes what it does. */
export function importRecurrentNode(node: OnnxNode, view: GraphView, options: InitOptions): ImportedRecurrence {
  const settings = settingsOf(node);
  const { operator, direction, hiddenSize } = settings;
  const name = `${node.op} "${node.name}"`;
  const problem =
    beyondLayers(settings, (node.inputs[7] ?? '') !== '') ??
    (direction === 'reverse' ? 'it runs backward in time alone' : null);
  if (problem !== null) {
    throw new OnnxError(
      `No layer computes what the node ${name} does: ${problem}. runRecurrentNode() runs it as it is.`,
    );
  }
  const [, w, r, b = ''] = node.inputs;
  const weight = (input: string | undefined, what: string): HostTensor => {
    const found = view.constant(input ?? '');
    if (found !== null) return found;
    throw new OnnxError(
      `The weights ${what} of the node ${name} are computed or given from outside, and not in the file.`,
    );
  };
  const [hostW, hostR] = [weight(w, 'W'), weight(r, 'R')];
  const directions = direction === 'bidirectional' ? 2 : 1;
  const hidden = hiddenSize ?? hostR.shape[2] ?? 0;
  const rows = gatesOf[operator] * hidden;
  const inputSize = hostW.shape[2] ?? 0;
  requireHostShape(hostW, [directions, rows, inputSize], `W of ${name}`);
  requireHostShape(hostR, [directions, rows, hidden], `R of ${name}`);
  const hostB = b === '' ? null : weight(b, 'B');
  if (hostB !== null) requireHostShape(hostB, [directions, 2 * rows], `B of ${name}`);
  const weights = {
    w: toTensor(hostW, options),
    r: toTensor(hostR, options),
    b: hostB && toTensor(hostB, options),
  };
  return {
    kind: 'recurrent',
    nodes: [node],
    cell: layerCell(settings),
    inputSize,
    hiddenSize: hidden,
    layers: 1,
    bidirectional: directions === 2,
    bias: hostB !== null,
    params: layerParams(settings, weights),
  };
}

/** A layer on top of a stack; null where the two are not of one kind. */
export function stacked(below: ImportedRecurrence, above: ImportedRecurrence): ImportedRecurrence | null {
  const { layers, bidirectional, hiddenSize } = below;
  const alike = (['cell', 'hiddenSize', 'bidirectional', 'bias'] as const).every((key) => below[key] === above[key]);
  if (!alike || above.inputSize !== hiddenSize * (bidirectional ? 2 : 1)) return null;
  const renamed = Object.entries(above.params).map(([name, tensor]) => [name.replace('_l0', `_l${layers}`), tensor]);
  return {
    ...below,
    nodes: [...below.nodes, ...above.nodes],
    layers: layers + 1,
    params: { ...below.params, ...(Object.fromEntries(renamed) as RecurrentLayerParams) },
  };
}
