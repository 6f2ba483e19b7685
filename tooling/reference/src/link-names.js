import { ReflectionKind } from 'typedoc';

/** @import { CommentDisplayPart, ProjectReflection, Reflection } from 'typedoc' */

/** A name in backticks, alone or with a call's parentheses or a property after it. */
const name = /^`([A-Za-z]\w*)(?:[(.].*)?`$/;

/**
 * Makes links of the names in backticks that are exported by a package, in comments and documents: `fit` leads to `fit`.
 *
 * @param {ProjectReflection} project
 */
export function linkNames(project) {
  const targets = exportedNames(project);
  /**
   * @param {Reflection} from
   * @param {CommentDisplayPart[]} parts
   */
  const link = (from, parts) => {
    for (const [i, part] of parts.entries()) {
      const called = part.kind === 'code' ? (name.exec(part.text)?.[1] ?? '') : '';
      const target = targets.get(called);
      // What one reads about needs no link to itself.
      if (target === undefined || target === from || target === from.parent) continue;
      parts[i] = { kind: 'inline-tag', tag: '@linkcode', text: part.text.slice(1, -1), target };
    }
  };
  for (const reflection of Object.values(project.reflections)) {
    for (const part of [
      reflection.comment?.summary,
      ...(reflection.comment?.blockTags ?? []).map((tag) => tag.content),
    ]) {
      if (part !== undefined) link(reflection, part);
    }
    if (reflection.isDocument()) link(reflection, reflection.content);
  }
  link(project, project.readme ?? []);
}

/**
 * @param {ProjectReflection} project
 * @returns {Map<string, Reflection>} what each name means; a name that means several things is left out
 */
function exportedNames(project) {
  /** @type {Map<string, Reflection>} */
  const found = new Map();
  /** @type {Set<string>} */
  const several = new Set();
  for (const module of project.children ?? []) {
    for (const each of module.children ?? []) {
      if (each.kindOf(ReflectionKind.Reference)) continue;
      if (found.has(each.name)) several.add(each.name);
      found.set(each.name, each);
    }
  }
  for (const each of several) found.delete(each);
  return found;
}
