import { parseSync } from 'oxc-parser';

/** @typedef {{ specifier: string | undefined, line: number }} Import */

/**
 * Every import of a module: static, re-exported, dynamic, and in types; `specifier` is undefined where it is computed.
 *
 * @param {string} path the file's name, whose ending says the language
 * @param {string} source
 * @returns {Import[]}
 * @throws {SyntaxError} if the source does not parse
 */
export function importsOf(path, source) {
  const { program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  /** @type {Import[]} */
  const imports = [];
  visit(program, (node) => {
    const from = importedFrom(node);
    if (from === undefined) return;
    const line = source.slice(0, node.start).split('\n').length;
    imports.push({ specifier: from.type === 'Literal' ? String(from.value) : undefined, line });
  });
  return imports;
}

/** @typedef {{ type: string, start: number } & Record<string, any>} Node */

/**
 * @param {Node} node
 * @returns {Node | undefined} the expression that names the module, if the node imports one
 */
function importedFrom(node) {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return node['source'] ?? undefined;
    case 'TSExternalModuleReference':
      return node['expression'];
    default:
      return undefined;
  }
}

/**
 * @param {unknown} value
 * @param {(node: Node) => void} each
 */
function visit(value, each) {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, each);
  } else if (value !== null && typeof value === 'object') {
    if ('type' in value) each(/** @type {Node} */ (value));
    for (const child of Object.values(value)) visit(child, each);
  }
}
