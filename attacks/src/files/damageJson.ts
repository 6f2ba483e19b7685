import type { Random } from '../Random.js';

/** Values that no sound file has where they are put, as JSON. */
const hostile: readonly string[] = [
  'null',
  'true',
  '-1',
  '0',
  '-0',
  '0.5',
  '1e-400',
  '1e999',
  '-1e999',
  '1e15',
  '4294967296',
  '9007199254740993',
  '""',
  '"x"',
  '"run.carry.h"',
  '"params.head.bias"',
  String.raw`"\u0000"`,
  String.raw`"\ud800"`,
  '"__proto__"',
  '[]',
  '{}',
  '[[]]',
  '{"length":4294967295}',
  '{"__proto__":1}',
  '[1,2,3,4,5,6,7,8,9]',
  '[4294967296,4294967296]',
  `"${'long '.repeat(2000)}"`,
  `[${'0,'.repeat(5000)}0]`,
  '['.repeat(20_000) + ']'.repeat(20_000),
  `${'{"h":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
  '['.repeat(200_000),
];

/** Marks a place in a value that is then written as something else. */
const mark = '@mark@';

/** The text of a JSON value with one thing in it changed: what a fault in a writer, or a hand, does. */
export function damageJson(text: string, random: Random): string {
  const root = { value: JSON.parse(text) as unknown };
  const places = placesIn(root).slice(0, 5000);
  const { holder, key } = random.pick(places);
  const old = holder[key];
  const write = (): string => JSON.stringify(root.value) ?? '';
  switch (random.whole(0, 6)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return write();
    case 1: {
      const other = random.pick(places);
      [holder[key], other.holder[other.key]] = [other.holder[other.key], old];
      return writeUnlessCyclic(root.value);
    }
    case 2:
      holder[key] = changed(old, random);
      return write();
    case 3:
      holder[random.pick(['extra', '__proto__', 'toString', '0'])] = 1;
      return write();
    case 4:
      // The key twice, which no object can hold.
      holder[key] = mark;
      return write().replace(`"${mark}"`, `${JSON.stringify(old)},${JSON.stringify(key)}:${JSON.stringify(old)}`);
    default:
      holder[key] = mark;
      return write().replace(`"${mark}"`, () => random.pick(hostile));
  }
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Every place in a value where another stands. */
function placesIn(holder: object): Place[] {
  return Object.entries(holder).flatMap(([key, child]: [string, unknown]) => [
    { holder: holder as Record<string, unknown>, key },
    ...(typeof child === 'object' && child !== null ? placesIn(child) : []),
  ]);
}

/** A value of the same kind. */
function changed(value: unknown, random: Random): unknown {
  if (typeof value === 'number')
    return random.pick([value + 1, value - 1, -value, value * 2, value * 1e9, value / 2, value + 2 ** 32, 2 ** 53]);
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return random.pick([value.slice(1), `${value}x`, value.toUpperCase(), value + value]);
  if (Array.isArray(value)) return random.pick([[...value, ...value], value.toReversed(), value.slice(1)]) as unknown;
  return [value];
}

/** Two places that are swapped may lie in one another. */
function writeUnlessCyclic(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '{';
  }
}
