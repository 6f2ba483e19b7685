import { fromBinary } from '@bufbuild/protobuf';
import { ArgumentError } from '@tempograd/core';
import { OnnxError } from '../OnnxError.js';
import {
  ModelProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../proto/onnx_pb.js';
import type { OnnxAttribute, OnnxFile, OnnxNode, OnnxValue } from './OnnxFile.js';
import { readTensor } from './tensors.js';

/**
 * Reads an ONNX file: what is in it, with nothing run and nothing made of what it only says. Initializers and the outputs of
 * `Constant` are its tensors.
 * @throws ArgumentError for anything but bytes; OnnxError when they are no ONNX file, or a damaged one.
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  const given: unknown = bytes;
  if (!(given instanceof Uint8Array)) {
    throw new ArgumentError(
      'readOnnx: wanted the bytes of a file, a Uint8Array, as readFile() of node:fs/promises gives them.',
    );
  }
  const model = parse(bytes);
  const { graph } = model;
  if (graph === undefined) throw new OnnxError('The file has no graph: it is no ONNX model, or a damaged one.');
  const stored = tensorsOf(graph);
  const nodes = graph.node.map(nodeOf);
  requireOrder(graph, nodes);
  return {
    irVersion: Number(model.irVersion),
    opset: opsetOf(model),
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    inputs: graph.input.filter(({ name }) => !stored.has(name)).map(valueOf),
    outputs: graph.output.map(valueOf),
    nodes,
    tensorNames: [...stored.keys()],
    tensor(name) {
      const tensor = stored.get(name);
      if (tensor === undefined) {
        throw new OnnxError(
          `The file has no values for "${name}"; it has them for ${listed([...stored.keys()])}. If it is an input of the graph, the ` +
            'weights were exported apart from the model.',
        );
      }
      return readTensor(tensor);
    },
  };
}

function parse(bytes: Uint8Array): ModelProto {
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new OnnxError(`The file is no ONNX model, or one that is damaged or cut off: ${what}.`, { cause });
  }
}

function opsetOf({ opsetImport }: ModelProto): number {
  const own = opsetImport.find(({ domain }) => isOwn(domain));
  if (own === undefined) {
    throw new OnnxError(
      "The file does not say which version of ONNX's operators it uses: it is no ONNX model, or a damaged one.",
    );
  }
  return Number(own.version);
}

function tensorsOf({ initializer, node }: GraphProto): Map<string, TensorProto> {
  const stored = new Map(initializer.map((tensor) => [tensor.name, tensor]));
  for (const { opType, attribute, output } of node) {
    const value = opType === 'Constant' ? attribute.find(({ name }) => name === 'value')?.t : undefined;
    const name = output[0];
    if (value !== undefined && name !== undefined) stored.set(name, value);
  }
  return stored;
}

function nodeOf({ opType, domain, name, input, output, attribute }: NodeProto): OnnxNode {
  return {
    op: isOwn(domain) ? opType : `${domain}.${opType}`,
    name,
    inputs: input,
    outputs: output,
    attributes: new Map(attribute.map((each) => [each.name, attributeOf(each)])),
  };
}

function isOwn(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

function attributeOf({ type, f, i, s, t, floats, ints, strings }: AttributeProto): OnnxAttribute {
  if (type === 1) return f;
  if (type === 2) return Number(i);
  if (type === 3) return text.decode(s);
  if (type === 4 && t !== undefined) return readTensorOrNull(t);
  if (type === 6) return floats;
  if (type === 7) return ints.map(Number);
  if (type === 8) return strings.map((each) => text.decode(each));
  return null;
}

const text = new TextDecoder();

/** The value of a `Constant`, which may be of a type that nobody asks for. */
function readTensorOrNull(tensor: TensorProto): OnnxAttribute {
  try {
    return readTensor(tensor);
  } catch {
    return null;
  }
}

function valueOf({ name, type }: ValueInfoProto): OnnxValue {
  const shape = type?.tensorType?.shape;
  if (shape === undefined) return { name, shape: null };
  const lengths = shape.dim.map(({ value }) => {
    if (value.case === 'dimValue') return Number(value.value);
    return value.value ?? '';
  });
  return { name, shape: lengths };
}

/** @throws OnnxError when a node takes a value that comes later, or that nothing gives, and when two give one of the same name. */
function requireOrder({ initializer, input }: GraphProto, nodes: readonly OnnxNode[]): void {
  const known = new Set([...initializer, ...input].map(({ name }) => name));
  for (const { op, name, inputs, outputs } of nodes) {
    const missing = inputs.find((each) => each !== '' && !known.has(each));
    if (missing !== undefined) {
      throw new OnnxError(
        `The node ${op} "${name}" takes "${missing}", which is no input, no tensor of the file and no output of a node before it. ` +
          'The file is damaged.',
      );
    }
    for (const output of outputs) {
      if (output !== '' && known.has(output)) {
        throw new OnnxError(
          `The node ${op} "${name}" gives "${output}", which is there before it. The file is damaged.`,
        );
      }
      known.add(output);
    }
  }
}

/** Names for a message: the first few. */
function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`;
}
