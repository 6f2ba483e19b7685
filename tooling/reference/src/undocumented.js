import { ReflectionKind } from 'typedoc';

/** @import { DeclarationReflection, ProjectReflection } from 'typedoc' */

/** Interfaces whose members users write: each of these must be explained where it is declared. */
const written = /(Options|Settings|Config)$/;

/** What goes without saying. */
const plain = /^(constructor|toString|toJSON|\[dispose\]|\[asyncDispose\]|name)$/;

/**
 * Exports without a docstring, methods of exported classes and interfaces without one, and options without one.
 *
 * @param {ProjectReflection} project
 * @returns {string[]} their names, with the module's
 */
export function undocumented(project) {
  /** @type {string[]} */
  const missing = [];
  for (const module of project.children ?? []) {
    for (const each of module.children ?? []) {
      if (each.kindOf(ReflectionKind.Reference)) continue;
      if (!isDocumented(each)) missing.push(`${module.name}: ${each.name}`);
      for (const member of each.children ?? []) {
        const mustSay = member.kindOf(ReflectionKind.Method) || written.test(each.name);
        if (mustSay && !plain.test(member.name) && !isDocumented(member)) {
          missing.push(`${module.name}: ${each.name}.${member.name}`);
        }
      }
    }
  }
  return missing;
}

/** @param {DeclarationReflection} reflection */
function isDocumented(reflection) {
  const signatures = [...(reflection.signatures ?? []), reflection.getSignature, reflection.setSignature];
  return reflection.hasComment() || signatures.some((signature) => signature?.hasComment() === true);
}
