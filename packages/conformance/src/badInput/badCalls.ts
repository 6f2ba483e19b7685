import type { Tensor } from '@tempograd/core';
import { build, type HostArray } from '../host/HostArray.js';
import { Device } from '../check/Device.js';
import type { Check } from '../check/Check.js';
import type { Call, Given, TensorPlace } from './Call.js';

/** A call with one argument that is bad. */
export interface BadCall {
  readonly what: string;
  readonly given: Given;
  readonly others: Readonly<Record<string, unknown>>;
}

/** A tensor for a place. */
export function write(device: Device, { shape, kind = 'float' }: TensorPlace): Tensor {
  const values: HostArray = build(shape, (index) => (kind === 'i32' ? index % 2 : 0.25 + (index % 5) / 8), kind);
  return device.write(values);
}

/** The valid call's other arguments. */
export const goodOthers = ({ others = {} }: Call): Record<string, unknown> =>
  Object.fromEntries(Object.entries(others).map(([name, [good]]) => [name, good]));

/** Every bad call derived from a valid one: each argument in turn. Tensors belong to the caller's scope. */
export function badCalls(check: Check, call: Call, good: Given): BadCall[] {
  const others = goodOthers(call);
  const bad: BadCall[] = [];
  for (const [name, place] of Object.entries(call.tensors)) {
    for (const [what, value] of substitutes(check, call, place)) {
      bad.push({ what: `${name} ${what}`, given: { ...good, [name]: value as Tensor }, others });
    }
  }
  for (const [name, [, ...values]] of Object.entries(call.others ?? {})) {
    for (const value of values)
      bad.push({ what: `${name} = ${describe(value)}`, given: good, others: { ...others, [name]: value } });
  }
  return bad;
}

function substitutes(check: Check, call: Call, place: TensorPlace): [what: string, value: unknown][] {
  const { shape, kind = 'float', free = [] } = place;
  const may = (what: (typeof free)[number]): boolean => !free.includes(what);
  const list: [string, unknown][] = [];
  if (may('disposed')) {
    const disposed = write(check.device, place);
    disposed.dispose();
    list.push(['disposed of', disposed]);
  }
  for (const value of ['x', {}, [1, 2], true]) {
    if (may('tree') || typeof value !== 'object') list.push([`= ${describe(value)}`, value]);
  }
  if (may('number')) list.push(['= 3', 3]);
  if (may('null')) list.push(['= null', null]);
  const float = check.dtype;
  if (may('dtype'))
    list.push([
      `of ${kind === 'i32' ? float : 'i32'}`,
      write(check.device, { shape, kind: kind === 'i32' ? 'float' : 'i32' }),
    ]);
  if (Object.keys(call.tensors).length < 2) return list;
  if (may('shape'))
    list.push(['of another shape', write(check.device, { shape: [...shape.map((length) => length + 1), 13], kind })]);
  list.push(['on another backend', write(new Device(check.context.oracle, float), place)]);
  const otherFloat = float === 'f32' ? 'f64' : 'f32';
  if (kind === 'float' && may('float dtype') && check.context.backend.capabilities.dtypes.includes(otherFloat)) {
    list.push([`of ${otherFloat}`, write(new Device(check.context.backend, otherFloat), place)]);
  }
  return list;
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function that returns something else';
  return typeof value === 'number' || value === undefined ? String(value) : (JSON.stringify(value) ?? typeof value);
}
