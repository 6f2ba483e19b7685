import { ReflectionKind } from 'typedoc';

/** @import { DeclarationReflection, ProjectReflection, SignatureReflection, SomeType } from 'typedoc' */

/**
 * An option of exported functions.
 *
 * @typedef {object} PublicOption
 * @property {string} name
 * @property {string} of the interface that declares it, or the function where it is written out
 * @property {Set<string>} functions which take it
 */

/** How interfaces of options are named. */
const optionsName = /(Options|Settings|Config|Call|Target|Initialisers|Average)$/;

/**
 * Every option of every exported function, and of every method of what is exported; those inside others too.
 *
 * @param {ProjectReflection} project
 * @returns {PublicOption[]}
 */
export function publicOptions(project) {
  /** @type {Map<string, PublicOption>} */
  const found = new Map();
  /**
   * @param {string} called
   * @param {string} of
   * @param {SomeType | undefined} type
   * @param {boolean} written whether it is an object of options for sure
   */
  const visit = (called, of, type, written) => {
    switch (type?.type) {
      case 'reference': {
        const target = type.reflection;
        const own = optionsName.test(type.name);
        // What stands in the place of another type, such as Partial<…>, has that one's options.
        if (target === undefined) for (const inner of type.typeArguments ?? []) visit(called, of, inner, false);
        else if (target.isDeclaration() && own) visitMembers(called, type.name, target);
        else if (target.isDeclaration() && written && target.kindOf(ReflectionKind.TypeAlias)) {
          visit(called, type.name, target.type, true);
        }
        break;
      }
      case 'reflection':
        if ((type.declaration.signatures ?? []).length === 0) visitMembers(called, of, type.declaration);
        break;
      case 'intersection':
      case 'union':
        for (const each of type.types) visit(called, of, each, written);
        break;
      case 'typeOperator':
        visit(called, of, type.target, written);
        break;
      default:
    }
  };
  /**
   * @param {string} called
   * @param {string} of
   * @param {DeclarationReflection} declared
   */
  const visitMembers = (called, of, declared) => {
    if (declared.children === undefined) return visit(called, of, declared.type, true);
    for (const member of declared.children) {
      if (!member.kindOf(ReflectionKind.Property)) continue;
      const key = `${of}.${member.name}`;
      const known = found.get(key);
      if (known?.functions.has(called)) continue;
      if (known !== undefined) known.functions.add(called);
      else found.set(key, { name: member.name, of, functions: new Set([called]) });
      visit(called, key, member.type, false);
    }
  };
  for (const [called, signature] of signaturesOf(project)) {
    for (const { type } of signature.parameters ?? []) visit(called, called, type, true);
  }
  return [...found.values()];
}

/**
 * @param {ProjectReflection} project
 * @returns {Generator<[string, SignatureReflection]>} exported functions, and methods by their own names
 */
function* signaturesOf(project) {
  for (const module of project.children ?? []) {
    for (const each of module.children ?? []) {
      for (const signature of each.signatures ?? []) yield [each.name, signature];
      // What a backend implements is called by core, with all there is.
      const methods = module.name === '@tempograd/core/backend' ? [] : (each.children ?? []);
      for (const member of methods.filter((method) => method.kindOf(ReflectionKind.Method))) {
        for (const signature of member.signatures ?? []) yield [member.name, signature];
      }
    }
  }
}

/**
 * The options that no document speaks of: in none of their sections stand the option's name and that of a function which takes it,
 * both as code. What a document says before its first section belongs to all of them.
 *
 * @param {readonly PublicOption[]} options
 * @param {readonly string[]} documents their texts, in Markdown
 * @returns {string[]} sorted, each with what takes it
 */
export function unmentioned(options, documents) {
  const sections = documents.flatMap((text) => {
    const [intro = '', ...rest] = text.split(/^## /m);
    return [intro, ...rest.map((section) => `${intro}\n${section}`)].map(namesIn);
  });
  const isMentioned = (/** @type {PublicOption} */ { name, functions }) =>
    sections.some((names) => names.has(name) && [...functions].some((each) => names.has(each)));
  return options
    .filter((option) => !isMentioned(option))
    .map(({ of, name, functions }) => `${of}.${name} (${[...functions].sort().join(', ')})`)
    .sort();
}

/**
 * @param {string} markdown
 * @returns {Set<string>} the names in its code: blocks, and what stands in backticks
 */
function namesIn(markdown) {
  const block = /^\s*```[^]*?^\s*```/gm;
  const code = [...(markdown.match(block) ?? []), ...(markdown.replace(block, '').match(/`[^`]+`/g) ?? [])];
  return new Set(code.join('\n').match(/[A-Za-z_$][\w$]*/g));
}
