import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';

/** @typedef {{ type: string } & Record<string, any>} Node */
/** @typedef {{ file: string, local: string }} Origin */

/** How interfaces of options are named, here and in what is exported. */
const optionsName = /(Options|Settings|Config|Call|Target|Weights)$/;

/**
 * What a module exports that takes an object of options: functions by name, methods of interfaces as `Interface.method`.
 * Such an object is a parameter that is taken apart, whose type is written out where it stands, or whose type is named as
 * options are.
 *
 * @param {string} entry the path of the module, a TypeScript source
 * @returns {string[]} sorted
 */
export function functionsWithOptions(entry) {
  /** @type {Set<string>} */
  const found = new Set();
  for (const [name, { file, local }] of exportsOf(entry)) {
    for (const declared of declarationsOf(file, local)) {
      if (declared.type === 'TSInterfaceDeclaration') {
        for (const member of declared['body'].body) {
          if (member.type === 'TSMethodSignature' && member.params.some(takesOptions))
            found.add(`${name}.${member.key.name}`);
        }
      } else if (parametersOf(declared).some(takesOptions)) found.add(name);
    }
  }
  return [...found].sort();
}

/**
 * The names that a module exports, and where each is declared.
 *
 * @param {string} file
 * @returns {Map<string, Origin>}
 */
function exportsOf(file) {
  /** @type {Map<string, Origin>} */
  const names = new Map();
  for (const statement of bodyOf(file)) {
    const from = statement['source'] && sourceOf(file, statement['source'].value);
    if (statement.type === 'ExportAllDeclaration' && from) {
      for (const [name, origin] of exportsOf(from)) names.set(name, origin);
    }
    if (statement.type !== 'ExportNamedDeclaration') continue;
    for (const { local, exported } of statement['specifiers']) {
      const origin = from ? exportsOf(from).get(local.name) : { file, local: local.name };
      if (origin !== undefined) names.set(exported.name, origin);
    }
    for (const name of namesOf(statement['declaration'])) names.set(name, { file, local: name });
  }
  return names;
}

/**
 * @param {string} file
 * @param {string} local
 * @returns {Node[]} the functions and interfaces of that name; overloads are several
 */
function declarationsOf(file, local) {
  return bodyOf(file).flatMap((statement) => {
    const declared = statement['declaration'] ?? statement;
    if (declared.type === 'VariableDeclaration') {
      return declared.declarations.filter((/** @type {Node} */ each) => each['id'].name === local);
    }
    return declared.id?.name === local ? [declared] : [];
  });
}

/**
 * @param {Node} declared
 * @returns {Node[]}
 */
function parametersOf(declared) {
  return (declared.type === 'VariableDeclarator' ? declared['init']?.params : declared['params']) ?? [];
}

/**
 * @param {Node} parameter
 * @returns {boolean}
 */
function takesOptions(parameter) {
  const pattern = parameter.type === 'AssignmentPattern' ? parameter['left'] : parameter;
  return pattern.type === 'ObjectPattern' || isOptions(pattern.typeAnnotation?.typeAnnotation);
}

/**
 * @param {Node | undefined} type
 * @returns {boolean}
 */
function isOptions(type) {
  switch (type?.type) {
    case 'TSTypeLiteral':
      return true;
    case 'TSTypeReference':
      return optionsName.test(type['typeName'].name);
    case 'TSIntersectionType':
    case 'TSUnionType':
      return type['types'].some(isOptions);
    default:
      return false;
  }
}

/**
 * @param {Node | null} declaration
 * @returns {string[]}
 */
function namesOf(declaration) {
  if (declaration === null) return [];
  if (declaration.type !== 'VariableDeclaration') return [declaration['id'].name];
  return declaration['declarations'].map((/** @type {Node} */ { id }) => id.name);
}

/** @type {Map<string, Node[]>} */
const parsed = new Map();

/**
 * @param {string} file
 * @returns {Node[]}
 */
function bodyOf(file) {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const { program, errors } = parseSync(file, readFileSync(file, 'utf8'));
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0]?.message}`);
  const body = /** @type {Node[]} */ (program.body);
  parsed.set(file, body);
  return body;
}

/**
 * @param {string} file
 * @param {string} specifier
 * @returns {string | null} the source that a relative import means
 */
function sourceOf(file, specifier) {
  return specifier.startsWith('.') ? join(dirname(file), specifier.replace(/\.js$/, '.ts')) : null;
}
