import { ArgumentError, type Tensor } from '@tempograd/core';
import { DataError } from '../data/index.js';
import type { NamedInputs } from '../model/ModelInput.js';
import { shown } from '../safetensors/parseJson.js';
import {
  stepInputs,
  given,
  isColumns,
  listOf,
  type Like,
  type SingleStepInput,
  type StepInputs,
  type StepItem,
} from './stepInputs.js';

/** How several inputs are read, each by its own reader. */
export function namedInputs(input: NamedInputs, like: Like): StepInputs {
  const none = { vocabulary: null, scaler: null };
  const readers = new Map(Object.entries(input).map(([name, one]) => [name, stepInputs(one, none, like)]));
  const names = [...readers.keys()].join(', ');
  const recordOf = (of: string, x: unknown): Readonly<Record<string, unknown>> => {
    if (!isColumns(x))
      throw new ArgumentError(`${of}: the model reads several inputs, { ${names} }, but was given ${given(x)}.`);
    const record: Readonly<Record<string, unknown>> = x;
    const unknown = Object.keys(record).find((name) => !readers.has(name));
    if (unknown !== undefined)
      throw new ArgumentError(`${of}: the model reads the inputs ${names}, but was given ${shown(unknown)} too.`);
    const missing = [...readers.keys()].find((name) => record[name] === undefined);
    if (missing === undefined) return record;
    throw new ArgumentError(`${of}: the model reads the inputs ${names}, but was given no ${shown(missing)}.`);
  };
  const each = <T>(fn: (reader: StepInputs, name: string) => T): Record<string, T> =>
    Object.fromEntries([...readers].map(([name, reader]) => [name, fn(reader, name)]));
  const one = (of: string, x: unknown): StepItem => {
    const record = recordOf(of, x);
    return each((reader, name) => reader.one(`${of}, ${name}`, record[name] as SingleStepInput));
  };
  return {
    backend: like.backend,
    one,
    many(of, xs) {
      if (typeof xs !== 'string' && !isColumns(xs)) return Array.from(listOf(of, xs), (x) => one(of, x));
      const record = recordOf(of, xs);
      const lists = each((reader, name) => reader.many(`${of}, ${name}`, record[name] as ArrayLike<number>));
      const [[first, { length }]] = Object.entries(lists) as [[string, StepItem[]]];
      for (const [name, list] of Object.entries(lists)) {
        if (list.length === length) continue;
        throw new DataError(
          `${of}: inputs must have the same steps, but ${first} has ${length} and ${name} has ${list.length}.`,
        );
      }
      return Array.from({ length }, (_, step) => each((_reader, name) => lists[name]?.[step] as StepItem));
    },
    tensor: (streams, time) =>
      each((reader, name) => {
        const own = streams.map((items) => items.map((item) => (item as Readonly<Record<string, StepItem>>)[name]));
        return reader.tensor(own as StepItem[][], time) as Tensor;
      }),
  };
}
