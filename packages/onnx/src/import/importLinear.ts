import type { InitOptions } from '@tempograd/nn';
import type { OnnxNode } from '../file/OnnxFile.js';
import type { GraphView } from './GraphView.js';
import { toTensor, transposeHost, type HostTensor } from './hostTensor.js';
import type { ImportedLinear } from './ImportedLayer.js';

/** The linear layer that a node is, or begins with; null where it is none. */
export function importLinear(node: OnnxNode, view: GraphView, options: InitOptions): ImportedLinear | null {
  const [input = '', second = '', third = ''] = node.inputs;
  if (view.constantName(input) !== null || view.constantName(second) === null) return null;
  if (node.op === 'Gemm') {
    const { attributes } = node;
    const plain =
      (attributes.get('transA') ?? 0) === 0 && isOne(attributes.get('alpha')) && isOne(attributes.get('beta'));
    const matrix = matrixOf(view, second);
    if (!plain || matrix === null) return null;
    const weight = (attributes.get('transB') ?? 0) === 0 ? transposeHost(matrix) : matrix;
    if (third === '') return layer([node], weight, null, options);
    const bias = biasOf(view, third, weight);
    return bias && layer([node], weight, bias, options);
  }
  if (node.op !== 'MatMul') return null;
  const matrix = matrixOf(view, second);
  if (matrix === null) return null;
  const weight = transposeHost(matrix);
  const output = node.outputs[0] ?? '';
  for (const user of view.usersOf(output)) {
    const other = user.inputs.find((name) => name !== output);
    const bias = user.op === 'Add' && other !== undefined ? biasOf(view, other, weight) : null;
    if (bias !== null) return layer([node, user], weight, bias, options);
  }
  return layer([node], weight, null, options);
}

function layer(
  nodes: readonly OnnxNode[],
  weight: HostTensor,
  bias: HostTensor | null,
  options: InitOptions,
): ImportedLinear {
  const [outputs, inputs] = weight.shape as [number, number];
  const made = toTensor(weight, options);
  const params = bias === null ? { weight: made } : { weight: made, bias: toTensor(bias, options) };
  return { kind: 'linear', nodes, inputs, outputs, params };
}

function matrixOf(view: GraphView, name: string): HostTensor | null {
  const found = view.constant(name);
  return found !== null && found.shape.length === 2 ? found : null;
}

/** A constant that is one number for each output. */
function biasOf(view: GraphView, name: string, { shape: [outputs] }: HostTensor): HostTensor | null {
  const found = view.constantName(name) === null ? null : view.constant(name);
  if (found === null || found.data.length !== outputs || found.shape.at(-1) !== outputs) return null;
  return { ...found, shape: [outputs] };
}

function isOne(attribute: unknown): boolean {
  return attribute === undefined || attribute === 1;
}
