import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../src/proto/onnx_pb.js';

/** A whole number, a text, or a list of either; `{ f }` and `{ floats }` are floats. */
type Attribute =
  number | string | readonly number[] | readonly string[] | { readonly f: number } | { readonly floats: number[] };

/** A node for a test file. */
export interface TestNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A tensor or input for a test file. */
export interface TestTensor {
  readonly shape: readonly (number | string)[];
  /** Floats, or int64 where they are bigints; without them it is an input. */
  readonly data?: readonly number[] | readonly bigint[];
  /** Of an input; default is float. */
  readonly type?: number;
  /** The values are said to be in another file. */
  readonly external?: boolean;
}

/** A file of these nodes, written field by field, as other programs may write one. */
export function operatorFile(
  nodes: readonly TestNode[],
  tensors: Readonly<Record<string, TestTensor>>,
  outputs: readonly string[],
): Uint8Array {
  const entries = Object.entries(tensors);
  const graph = create(GraphProtoSchema, {
    name: 'test',
    node: nodes.map(({ op, inputs, outputs: output, attributes = {} }) =>
      create(NodeProtoSchema, {
        opType: op,
        input: [...inputs],
        output: [...output],
        attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
      }),
    ),
    initializer: entries.filter(([, { data }]) => data !== undefined).map(([name, tensor]) => stored(name, tensor)),
    input: entries.filter(([, { data }]) => data === undefined).map(([name, tensor]) => input(name, tensor)),
    output: outputs.map((name) => create(ValueInfoProtoSchema, { name, type: { tensorType: { elemType: 1 } } })),
  });
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: 17n })];
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 8n, producerName: 'a test', opsetImport, graph }),
  );
}

function stored(name: string, { shape, data = [], external = false }: TestTensor): TensorProto {
  const dims = shape.map(BigInt);
  if (typeof data[0] === 'bigint') {
    return create(TensorProtoSchema, { name, dims, dataType: 7, int64Data: data as bigint[] });
  }
  return create(TensorProtoSchema, {
    name,
    dims,
    dataType: 1,
    floatData: data as number[],
    ...(external && { dataLocation: 1 }),
  });
}

function input(name: string, { shape, type = 1 }: TestTensor): ValueInfoProto {
  const dim = shape.map((length) =>
    typeof length === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(length) } }
      : { value: { case: 'dimParam' as const, value: length } },
  );
  return create(ValueInfoProtoSchema, { name, type: { tensorType: { elemType: type, shape: { dim } } } });
}

function attributeOf(name: string, value: Attribute): AttributeProto {
  const encode = (each: string): Uint8Array => new TextEncoder().encode(each);
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: 2, i: BigInt(value) });
  if (typeof value === 'string') return create(AttributeProtoSchema, { name, type: 3, s: encode(value) });
  if ('f' in value) return create(AttributeProtoSchema, { name, type: 1, f: value.f });
  if ('floats' in value) return create(AttributeProtoSchema, { name, type: 6, floats: value.floats });
  if (typeof value[0] === 'string') {
    return create(AttributeProtoSchema, { name, type: 8, strings: (value as string[]).map(encode) });
  }
  return create(AttributeProtoSchema, { name, type: 7, ints: (value as number[]).map(BigInt) });
}
