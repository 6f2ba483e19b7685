import { ArgumentError, fromArray, type Backend, type FloatDType } from '@tempograd/core';
import { DataError, type Columns, type Scaler, type Vocabulary } from '../data/index.js';
import { channelsOf } from '../data/series/Series.js';
import type { AnyInput, InputsOf, ModelInput } from '../model/ModelInput.js';
import { shown } from '../safetensors/parseJson.js';

/** What a step reads of one input: an item by number or as text, or its features; of one feature, a number as well. */
export type SingleStepInput = number | string | ArrayLike<number>;

/** What a step reads: one input, or several by name. */
export type StepInput = SingleStepInput | Readonly<Record<string, SingleStepInput>>;

/** What many steps read: a text, a list, or lists by name: the columns of a series, or several inputs. */
export type StepsInput = string | ArrayLike<StepInput> | Columns | Readonly<Record<string, ArrayLike<SingleStepInput>>>;

/** One step's input, checked, on the host: an item's number, or features as the model reads them; by name where there are several. */
export type StepItem = number | Float64Array | { readonly [name: string]: StepItem };

/** Turns what users give into what a model reads. */
export interface StepInputs {
  /** @throws ArgumentError, DataError when it is nothing that the model reads at one step. */
  one(of: string, x: StepInput): StepItem;
  /** The same of many steps; a text is as many as it has items. */
  many(of: string, xs: StepsInput): StepItem[];
  /** Steps of several streams as one tensor, `[time, batch]` or `[time, batch, features]`, or as these by name; shorter ones are filled up. */
  tensor(streams: readonly (readonly StepItem[])[], time: number): InputsOf<AnyInput>;
  /** Where they are made. */
  readonly backend: Backend;
}

/** What steps are given in: as text, or in the units of a series. */
export interface Units {
  readonly vocabulary: Vocabulary | null;
  readonly scaler: Scaler | null;
}

/** Where and as what inputs are made. */
export interface Like {
  readonly backend: Backend;
  readonly dtype: FloatDType;
}

/** How one input is read, with the vocabulary of its items or the scaler of its features where it has one. */
export function stepInputs(input: ModelInput, { vocabulary, scaler }: Units, like: Like): StepInputs {
  return 'vocabulary' in input
    ? itemInputs(input.vocabulary, vocabulary, like)
    : featureInputs(input.features, scaler, like);
}

function itemInputs(size: number, vocabulary: Vocabulary | null, { backend }: Like): StepInputs {
  const encode = (of: string, text: string): number[] => {
    if (vocabulary !== null) return [...vocabulary.encode(text)];
    throw new ArgumentError(
      `${of}: text needs a vocabulary: predictor(model, params, { vocabulary }). Or give numbers.`,
    );
  };
  const number = (of: string, x: unknown): number => {
    if (typeof x === 'number' && Number.isInteger(x) && x >= 0 && x < size) return x;
    throw new DataError(
      `${of}: the model reads items by number, 0 to ${size - 1}, or as text, but was given ${given(x)}.`,
    );
  };
  return {
    backend,
    one(of, x) {
      if (typeof x !== 'string') return number(of, x);
      const items = encode(of, x);
      if (items.length === 1) return items[0] as number;
      throw new ArgumentError(
        `${of}: one step reads one item, but ${shown(x)} has ${items.length}. Give longer ones to run().`,
      );
    },
    many(of, xs) {
      if (typeof xs === 'string') return encode(of, xs);
      return Array.from(listOf(of, xs), (x) => (typeof x === 'string' ? this.one(of, x) : number(of, x)));
    },
    tensor(streams, time) {
      const values = new Int32Array(time * streams.length);
      streams.forEach((items, row) =>
        items.forEach((item, step) => (values[step * streams.length + row] = item as number)),
      );
      return fromArray(values, [time, streams.length], { dtype: 'i32', backend });
    },
  };
}

function featureInputs(features: number, scaler: Scaler | null, { backend, dtype }: Like): StepInputs {
  const one = (of: string, x: unknown): Float64Array => {
    const values = typeof x === 'number' && features === 1 ? [x] : x;
    if (typeof values !== 'object' || values === null || (values as ArrayLike<unknown>).length !== features) {
      throw new ArgumentError(
        `${of}: the model reads ${features} ${features === 1 ? 'feature' : 'features'} at each step, but was given ${given(x)}.`,
      );
    }
    const read = Float64Array.from(values as ArrayLike<unknown>, (value, index) => {
      if (typeof value === 'number' && Number.isFinite(value)) return value;
      throw new DataError(
        `${of}: feature ${index} is ${given(value)}, after which a stream would know nothing any more. Fill gaps before they are read.`,
      );
    });
    if (scaler !== null) read.set(scaler.transform(read.subarray(0, scaler.channels)));
    return read;
  };
  return {
    backend,
    one,
    many: (of, xs) => Array.from(isColumns(xs) ? rowsOf(of, xs, scaler) : listOf(of, xs), (x) => one(of, x)),
    tensor(streams, time) {
      const values = new Float64Array(time * streams.length * features);
      streams.forEach((items, row) =>
        items.forEach((item, step) => values.set(item as Float64Array, (step * streams.length + row) * features)),
      );
      return fromArray(values, [time, streams.length, features], { dtype, backend });
    },
  };
}

/** Whether steps are given as lists by name. */
export function isColumns(xs: unknown): xs is Columns {
  return typeof xs === 'object' && xs !== null && !('length' in xs);
}

/** The steps of columns: those that the scaler names in its order, then the others. */
function rowsOf(of: string, columns: Columns, scaler: Scaler | null): number[][] {
  const names = [...new Set([...(scaler?.names ?? []), ...Object.keys(columns)])];
  const inOrder = Object.fromEntries(
    names.map((name) => {
      if (Object.hasOwn(columns, name)) return [name, columns[name] as ArrayLike<number>];
      throw new DataError(`${of}: the scaler has a column ${shown(name)}, but there is none.`);
    }),
  );
  const channels = channelsOf(of, 'series', inOrder);
  return Array.from({ length: channels.rows }, (_, row) =>
    Array.from({ length: channels.count }, (__, channel) => channels.value(row, channel)),
  );
}

/** @throws ArgumentError for what is no list. */
export function listOf(of: string, xs: unknown): ArrayLike<unknown> {
  if (typeof xs === 'object' && xs !== null && typeof (xs as ArrayLike<unknown>).length === 'number')
    return xs as ArrayLike<unknown>;
  throw new ArgumentError(`${of}: a list of steps is wanted, but was given ${given(xs)}.`);
}

/** What was given, short enough for a message. */
export function given(x: unknown): string {
  if (typeof x === 'string') return shown(x);
  if (typeof x === 'object' && x !== null) {
    const { length } = x as Partial<ArrayLike<unknown>>;
    return typeof length === 'number' ? `a list of ${length}` : 'an object';
  }
  return typeof x === 'function' ? 'a function' : String(x);
}
