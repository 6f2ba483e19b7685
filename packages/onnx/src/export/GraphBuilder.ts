import { create, toBinary } from '@bufbuild/protobuf';
import { ArgumentError, type Shape } from '@tempograd/core';
import { elementNumbers, writeTensor } from '../file/tensors.js';
import {
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../proto/onnx_pb.js';

/** The name of a value in a graph. */
export type Value = string;

type Attribute = number | string | readonly number[] | readonly string[];

/** What one element of an input or output is. */
export type ElementName = keyof typeof elementNumbers;

/** LayerNormalization came with 17; the recurrent operators are those of 14. */
const opset = 17;

/** The version of the format that goes with it. */
const irVersion = 8;

/** A message of protobuf ends before 2 GiB. */
const mostBytes = 2 ** 31 - 1;

/** An ONNX graph as it is built, node by node. */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #tensors = new Map<string, TensorProto>();
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];

  /** An input of the graph; axes by length, or by name where they are open. */
  input(name: Value, element: ElementName, shape: readonly (number | string)[]): Value {
    this.#inputs.push(valueInfo(name, element, shape));
    return name;
  }

  /** Makes a value an output of the graph, under a name of its own. */
  output(value: Value, name: string, shape: readonly (number | string)[]): void {
    this.#nodes.push(create(NodeProtoSchema, { opType: 'Identity', name, input: [value], output: [name] }));
    this.#outputs.push(valueInfo(name, 'float', shape));
  }

  /** Floats of the model. */
  floats(name: string, shape: Shape, data: Float32Array): Value {
    this.#tensors.set(name, writeTensor(name, shape, data));
    return name;
  }

  /** One number as floats have it. */
  float(value: number): Value {
    return this.floats(`float_${value}`, [], Float32Array.of(value));
  }

  /** Whole numbers, such as axes and shapes: a list, int64. */
  ints(values: readonly number[]): Value {
    const name = `ints_${values.join('_')}`;
    this.#tensors.set(name, writeTensor(name, [values.length], values.map(BigInt)));
    return name;
  }

  /** One whole number that is no list, int64. */
  int(value: number): Value {
    const name = `int_${value}`;
    this.#tensors.set(name, writeTensor(name, [], [BigInt(value)]));
    return name;
  }

  /** A node with one output that is used. */
  add(op: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.addMany(op, inputs, 1, attributes)[0] as Value;
  }

  /** A node with several outputs. */
  addMany(
    op: string,
    inputs: readonly Value[],
    outputs: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const name = `${op}_${this.#nodes.length}`;
    const output = Array.from({ length: outputs }, (_, index) => (index === 0 ? name : `${name}_${index}`));
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    this.#nodes.push(create(NodeProtoSchema, { opType: op, name, input: [...inputs], output, attribute }));
    return output;
  }

  /** The file's bytes. @throws ArgumentError when they are too many for one file. */
  finish(metadata: Readonly<Record<string, string>>): Uint8Array {
    const bytes = [...this.#tensors.values()].reduce((sum, { rawData }) => sum + rawData.length, 0);
    if (bytes > mostBytes) {
      throw new ArgumentError(`exportOnnx: the parameters are ${bytes} bytes, but an ONNX file holds less than 2 GiB.`);
    }
    const model = create(ModelProtoSchema, {
      irVersion: BigInt(irVersion),
      producerName: 'tempograd',
      opsetImport: [{ domain: '', version: BigInt(opset) }],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      graph: {
        name: 'sequenceModel',
        node: this.#nodes,
        initializer: [...this.#tensors.values()],
        input: this.#inputs,
        output: this.#outputs,
      },
    });
    return toBinary(ModelProtoSchema, model);
  }
}

function attributeOf(name: string, value: Attribute): AttributeProto {
  const encode = (each: string): Uint8Array => new TextEncoder().encode(each);
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: 2, i: BigInt(value) });
  if (typeof value === 'string') return create(AttributeProtoSchema, { name, type: 3, s: encode(value) });
  if (typeof value[0] === 'string') {
    return create(AttributeProtoSchema, { name, type: 8, strings: (value as string[]).map(encode) });
  }
  return create(AttributeProtoSchema, { name, type: 7, ints: (value as number[]).map(BigInt) });
}

function valueInfo(name: string, element: ElementName, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((length) =>
    typeof length === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(length) } }
      : { value: { case: 'dimParam' as const, value: length } },
  );
  return create(ValueInfoProtoSchema, {
    name,
    type: { tensorType: { elemType: elementNumbers[element], shape: { dim } } },
  });
}
