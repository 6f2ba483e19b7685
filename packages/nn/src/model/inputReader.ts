import { ArgumentError, concat, foldInName, ShapeError, Tensor, type Key, type Shape } from '@tempograd/core';
import { DTypeError, formatShape, isFloat } from '@tempograd/core/backend';
import type { Initialiser } from '../init/index.js';
import { embedding, type EmbeddingLayer, type EmbeddingParams, type InitOptions } from '../layers/index.js';
import { lookUp } from '../layers/embedding.js';
import { isNamed, type ModelInput, type NamedInputs } from './ModelInput.js';

/** Embeddings of a model: one, or by name those of its inputs that have one. */
export type EmbeddingsOf<I extends ModelInput | NamedInputs> = I extends ModelInput
  ? EmbeddingParams
  : Readonly<Record<string, EmbeddingParams>>;

type EmbeddingsParams = EmbeddingsOf<ModelInput | NamedInputs>;

/** What turns a stretch's inputs into vectors. */
export interface InputReader {
  /** Length of the vectors. */
  readonly size: number;
  /** Null where no input is looked up. */
  init(key: Key, options: InitOptions): EmbeddingsParams | null;
  parameters(): Iterable<readonly [path: string, shape: Shape]>;
  /** Rows of a stretch. @throws ArgumentError, ShapeError, DTypeError when the inputs are not those the model reads. */
  batchOf(inputs: unknown): number;
  /** Inputs that `batchOf` let pass, their items looked at → `[time, batch, size]`. */
  read(params: EmbeddingsParams | undefined, inputs: unknown): Tensor;
  /** The inputs that are items, by their names in errors, and how many items there are. */
  items(inputs: unknown): readonly ItemInput[];
}

/** An input of items. */
export interface ItemInput {
  /** Who an error names. */
  readonly op: string;
  readonly items: Tensor;
  readonly vocabulary: number;
}

/** How tables start. */
export interface TableOptions {
  readonly paddingIndex?: number;
  readonly init?: Initialiser;
}

/** The reader of one input, or of several by name. */
export function inputReader(input: ModelInput | NamedInputs, options: TableOptions): InputReader {
  return isNamed(input) ? namedReader(input, options) : singleReader(input, options);
}

function singleReader(input: ModelInput, options: TableOptions): InputReader {
  const table = tableOf(input, options);
  return {
    size: sizeOf(input),
    init: (key, where) => table?.init(foldInName(key, 'embedding'), where) ?? null,
    *parameters() {
      if ('vocabulary' in input) yield ['embedding.weight', [input.vocabulary, input.embedding]];
    },
    batchOf: (inputs) => requireInput('inputs', input, inputs).shape[1] as number,
    read: (params, inputs) =>
      table === null
        ? (inputs as Tensor)
        : lookUp((params as EmbeddingParams).weight, inputs as Tensor, options.paddingIndex),
    items: (inputs) => itemsOf('sequenceModel, inputs', input, inputs as Tensor),
  };
}

function namedReader(input: NamedInputs, options: TableOptions): InputReader {
  const parts = Object.entries(input).map(([name, kind]) => ({ name, kind, table: tableOf(kind, options) }));
  const names = parts.map(({ name }) => name).join(', ');
  return {
    size: parts.reduce((total, { kind }) => total + sizeOf(kind), 0),
    init(key, where) {
      const tables = parts.flatMap(({ name, table }) =>
        table === null ? [] : [[name, table.init(foldInName(foldInName(key, 'embedding'), name), where)] as const],
      );
      return tables.length === 0 ? null : Object.fromEntries(tables);
    },
    *parameters() {
      for (const { name, kind } of parts) {
        if ('vocabulary' in kind) yield [`embedding.${name}.weight`, [kind.vocabulary, kind.embedding]];
      }
    },
    batchOf(inputs) {
      if (typeof inputs !== 'object' || inputs === null || inputs instanceof Tensor) {
        throw new ArgumentError(
          `sequenceModel: the model reads several inputs, so that inputs must be { ${names} }, but are ${describe(inputs)}.`,
        );
      }
      const given = inputs as Readonly<Record<string, unknown>>;
      const unknown = Object.keys(given).find((name) => !Object.hasOwn(input, name));
      if (unknown !== undefined) {
        throw new ArgumentError(`sequenceModel: the model reads the inputs ${names}, but was given "${unknown}" too.`);
      }
      const tensors = parts.map(({ name, kind }) => requireInput(`inputs.${name}`, kind, given[name]));
      const [first] = tensors as [Tensor];
      tensors.forEach(({ shape }, index) => {
        if (shape[0] === first.shape[0] && shape[1] === first.shape[1]) return;
        throw new ShapeError(
          `sequenceModel: all inputs must have one [time, batch], but ${parts[0]?.name} is ${formatShape(first.shape)} and ` +
            `${parts[index]?.name} is ${formatShape(shape)}.`,
        );
      });
      return first.shape[1] as number;
    },
    items: (inputs) =>
      parts.flatMap(({ name, kind }) =>
        itemsOf(`sequenceModel, inputs.${name}`, kind, (inputs as Readonly<Record<string, Tensor>>)[name] as Tensor),
      ),
    read(params, inputs) {
      const given = inputs as Readonly<Record<string, Tensor>>;
      const tables = params as Readonly<Record<string, EmbeddingParams>>;
      const vectors = parts.map(({ name, table }) =>
        table === null
          ? (given[name] as Tensor)
          : lookUp((tables[name] as EmbeddingParams).weight, given[name] as Tensor, options.paddingIndex),
      );
      return concat(vectors, 2);
    },
  };
}

function itemsOf(op: string, kind: ModelInput, items: Tensor): ItemInput[] {
  return 'vocabulary' in kind ? [{ op, items, vocabulary: kind.vocabulary }] : [];
}

function tableOf(input: ModelInput, options: TableOptions): EmbeddingLayer | null {
  if (!('vocabulary' in input)) return null;
  return embedding({ vocabulary: input.vocabulary, size: input.embedding, ...options });
}

function sizeOf(input: ModelInput): number {
  return 'vocabulary' in input ? input.embedding : input.features;
}

/** One input's tensor, of the shape and dtype that the model reads. */
function requireInput(name: string, kind: ModelInput, given: unknown): Tensor {
  if (!(given instanceof Tensor)) {
    throw new ArgumentError(
      `sequenceModel: the model reads ${settingsOf(kind)}, so that ${name} must be ${wantedOf(kind)}, but ${name} is ${describe(given)}.`,
    );
  }
  const { shape, dtype } = given;
  const isItems = 'vocabulary' in kind;
  const fits = isItems ? shape.length === 2 : shape.length === 3 && shape[2] === kind.features;
  const isKind = isItems ? dtype === 'i32' : isFloat(dtype);
  if (fits && isKind) return given;
  const message = `sequenceModel: the model reads ${settingsOf(kind)}, so that ${name} must be ${wantedOf(kind)}, but was given ${describe(given)}.`;
  throw fits ? new DTypeError(message) : new ShapeError(message);
}

const settingsOf = (kind: ModelInput): string =>
  'vocabulary' in kind ? `{ vocabulary: ${kind.vocabulary} }` : `{ features: ${kind.features} }`;

const wantedOf = (kind: ModelInput): string =>
  'vocabulary' in kind ? 'item numbers, i32 [time, batch]' : `numbers, [time, batch, ${kind.features}]`;

function describe(given: unknown): string {
  if (given instanceof Tensor) return `${given.dtype} ${formatShape(given.shape)}`;
  return given === undefined || given === null ? 'missing' : 'no tensor';
}
