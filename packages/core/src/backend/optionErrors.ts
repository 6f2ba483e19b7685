import { ArgumentError } from './errors.js';
import { foreignChoices, foreignNames, withoutCounterpart } from './foreignNames.js';
import type { OptionTable } from './options.js';

/** Where an object of options was wanted and something else was given. */
export function notOptions(of: string, given: unknown, table: OptionTable, path: string): ArgumentError {
  const what = path === '' ? 'options' : path;
  return new ArgumentError(
    `${of}: ${what} must be an object, { ${namesOf(table)} }, but ${path === '' ? 'are' : 'is'} ${describe(given)}.`,
  );
}

/** Where an object has an option that there is not. */
export function unknownOption(
  of: string,
  options: object,
  name: string,
  table: OptionTable,
  path: string,
): ArgumentError {
  if (isTensor(options)) return notOptions(of, options, table, path);
  const known = [...table.rules.keys()];
  const plain = plainName(name);
  const note = withoutCounterpart.get(plain);
  const translated = (foreignNames.get(plain) ?? []).filter((own) => known.includes(own));
  const nearest = nearestOf(name, known);
  let advice = '';
  if (nearest !== null && plainName(nearest) === plain) advice = ` Write ${nearest}.`;
  else if (translated.length > 0) advice = ` Here it is called ${translated.join(' and ')}.`;
  else if (note !== undefined) advice = ` ${note}`;
  else if (nearest !== null) advice = ` Did you mean ${nearest}?`;
  return new ArgumentError(
    `${of}: there is no option ${JSON.stringify(join(path, name))}.${advice} ` +
      (known.length === 0 ? 'It takes no options.' : `Known are ${namesOf(table)}.`),
  );
}

/** Where an option is of a wrong kind. */
export function wrongKind(
  of: string,
  name: string,
  given: unknown,
  { wanted, choices = [] }: { readonly wanted: string; readonly choices?: readonly string[] },
  path: string,
): ArgumentError {
  return new ArgumentError(
    `${of}: ${join(path, name)} must be ${wanted}, but is ${describe(given)}.${choiceMeant(given, choices)}`,
  );
}

/** What was most likely meant by a word that is none of the choices, as a sentence with a space before it; nothing where it is not clear. */
export function choiceMeant(given: unknown, choices: readonly string[]): string {
  if (typeof given !== 'string') return '';
  const translated = (foreignChoices.get(plainName(given)) ?? []).find((own) => choices.includes(own));
  const meant = translated ?? nearestOf(given, choices);
  return meant === null ? '' : ` Did you mean ${JSON.stringify(meant)}?`;
}

/** Where an option is missing that must be given. */
export function missingOption(of: string, name: string, wanted: string, path: string): ArgumentError {
  return new ArgumentError(`${of}: ${join(path, name)} is missing; it must be ${wanted}.`);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function namesOf(table: OptionTable): string {
  return [...table.rules.keys()].join(', ');
}

/** A value in words. */
export function describe(value: unknown): string {
  if (typeof value === 'string')
    return `the string ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`;
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (isTensor(value)) return 'a tensor';
  if (value instanceof Promise) return 'a Promise; await it first';
  const name = (Object.getPrototypeOf(value) as object | null)?.constructor.name ?? 'Object';
  return name === 'Object' ? 'an object' : `an object of class ${name}`;
}

function isTensor(value: object): boolean {
  return 'shape' in value && 'dtype' in value && 'dispose' in value;
}

/** A name without capitals, underscores and hyphens: `batch_first` and `batchFirst` are one. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}

/** The known name that was most likely meant: it is the same, one begins with the other, or few letters differ. */
function nearestOf(name: string, known: readonly string[]): string | null {
  const plain = plainName(name);
  const distances = known.map((own): [string, number] => {
    const other = plainName(own);
    const begins = Math.min(plain.length, other.length) >= 4 && (plain.startsWith(other) || other.startsWith(plain));
    return [own, begins ? Math.min(1, editDistance(plain, other)) : editDistance(plain, other)];
  });
  const [nearest, distance] = distances.reduce((best, each) => (each[1] < best[1] ? each : best), ['', Infinity]);
  return distance <= Math.max(1, Math.floor(plain.length / 4)) ? nearest : null;
}

/** Letters to insert, delete, replace, or swap with their neighbour. Source: Damerau 1964. */
function editDistance(a: string, b: string): number {
  let [before, previous] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] as number) + 1 : Infinity;
      current.push(Math.min((previous[j] as number) + 1, (current[j - 1] as number) + 1, replaced, swapped));
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length] as number;
}
