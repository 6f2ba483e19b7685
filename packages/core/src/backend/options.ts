import { missingOption, notOptions, unknownOption, wrongKind } from './optionErrors.js';

type KindName =
  | 'number'
  | 'boolean'
  | 'string'
  | 'function'
  | 'array'
  | 'object'
  | 'tensor'
  | 'tree'
  | 'axes'
  | 'backend'
  | 'key'
  | 'null';

/** An object that is known by its members, such as a strategy by `start`. */
export interface ObjectKind {
  /** As a message names it: `a strategy, such as fullBptt()`. */
  readonly wanted: string;
  readonly members: readonly string[];
}

/** What an option may be: a kind or one of several, the strings it can be chosen from, or an object known by its members. */
export type OptionKind =
  | KindName
  | `${KindName} or ${KindName}`
  | `${KindName} or ${KindName} or ${'null' | 'function'}`
  | readonly string[]
  | ObjectKind;

/** The kind of an option that must be given. */
export interface RequiredKind {
  readonly required: OptionKind;
}

/** A kind for every option of the interface `O`, and for no other; what `O` requires is `required(…)`. */
export type OptionKinds<O> = {
  readonly [K in keyof O]-?: Partial<Pick<O, K>> extends Pick<O, K> ? OptionKind : RequiredKind;
};

/** One option: whether a value is of its kind, and that kind in words. */
interface Rule {
  readonly wanted: string;
  /** The words that it is chosen from. */
  readonly choices?: readonly string[];
  holds(value: unknown): boolean;
}

/** The options of a function, ready for `checkOptions`; made by `optionTable`. */
export interface OptionTable {
  readonly rules: ReadonlyMap<string, Rule>;
  readonly required: readonly string[];
}

/** Kinds that have a name, each with its name in messages. */
const kinds: Readonly<Record<KindName, Rule>> = {
  number: { wanted: 'a number', holds: (value) => typeof value === 'number' },
  boolean: { wanted: 'true or false', holds: (value) => typeof value === 'boolean' },
  string: { wanted: 'a string', holds: (value) => typeof value === 'string' },
  function: { wanted: 'a function', holds: (value) => typeof value === 'function' },
  array: { wanted: 'an array', holds: (value) => Array.isArray(value) || ArrayBuffer.isView(value) },
  object: { wanted: 'an object', holds: (value) => isObject(value) && !Array.isArray(value) && !('then' in value) },
  tensor: { wanted: 'a tensor', holds: (value) => isObject(value) && 'shape' in value && 'dtype' in value },
  tree: { wanted: 'a tree of tensors', holds: isObject },
  axes: {
    wanted: 'the number of an axis, null, or a tree of these',
    holds: (value) => value === null || typeof value === 'number' || isObject(value),
  },
  backend: {
    wanted: 'a backend, as createBackend() makes it',
    holds: (value) => has(value, ['specificationVersion', 'capabilities']),
  },
  key: { wanted: 'a key, such as key(1)', holds: isKey },
  null: { wanted: 'null', holds: (value) => value === null },
};

/** The kind of an option that must be given. */
export function required(kind: OptionKind): RequiredKind {
  return { required: kind };
}

/** The options of the interface `O`: one left out of the table, or one too many, does not compile. */
export function optionTable<O>(table: OptionKinds<O>): OptionTable {
  const entries = Object.entries<OptionKind | RequiredKind>(table);
  return {
    rules: new Map(entries.map(([name, kind]) => [name, ruleOf(isRequired(kind) ? kind.required : kind)])),
    required: entries.flatMap(([name, kind]) => (isRequired(kind) ? name : [])),
  };
}

/**
 * Refuses what are not the options of the function `of`: anything but an object, options that the table does not have, values
 * of a wrong kind, and required ones that are missing. An option that is `undefined` is absent. Values are not looked into
 * further. Where options stand inside others, `path` says under which name.
 * @throws ArgumentError with what was given and what is known; it translates names of PyTorch and Keras.
 */
export function checkOptions(of: string, options: unknown, table: OptionTable, path = ''): void {
  if (!isOptionsObject(options)) throw notOptions(of, options, table, path);
  const { rules } = table;
  // Inherited options count: destructuring reads them too.
  for (const name in options) {
    const value = options[name];
    if (value === undefined) continue;
    const rule = rules.get(name);
    if (rule === undefined) {
      if (name in Object.prototype && !Object.hasOwn(options, name)) continue;
      throw unknownOption(of, options, name, table, path);
    }
    if (!rule.holds(value)) throw wrongKind(of, name, value, rule, path);
  }
  for (const name of table.required) {
    if (options[name] === undefined) throw missingOption(of, name, (rules.get(name) as Rule).wanted, path);
  }
}

/** An object literal, or an instance of somebody's class of options; not an array, a Map, a Promise, … */
function isOptionsObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.prototype.toString.call(value) === '[object Object]';
}

function ruleOf(kind: OptionKind): Rule {
  if (typeof kind === 'string') {
    const either = kind.split(' or ').map((name) => kinds[name as KindName]);
    const [first, second, third] = either as [Rule, Rule?, Rule?];
    if (second === undefined) return first;
    return {
      wanted: either.map(({ wanted }) => wanted).join(' or '),
      holds: (value) => first.holds(value) || second.holds(value) || third?.holds(value) === true,
    };
  }
  if ('members' in kind) return { wanted: kind.wanted, holds: (value) => has(value, kind.members) };
  const choices = kind.map((choice) => JSON.stringify(choice)).join(', ');
  return {
    wanted: kind.length === 1 ? choices : `one of ${choices}`,
    choices: kind,
    holds: (value) => kind.includes(value as string),
  };
}

function isRequired(kind: OptionKind | RequiredKind): kind is RequiredKind {
  return typeof kind === 'object' && 'required' in kind;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function has(value: unknown, members: readonly string[]): boolean {
  return isObject(value) && members.every((member) => member in value);
}

function isKey(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((word) => typeof word === 'number');
}
