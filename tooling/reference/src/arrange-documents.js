/** @import { ProjectReflection } from 'typedoc' */

const heading = /^\s*# (.*)\n+/;

/** The groups in which documents stand, by the folder they are in. */
const groupOf = /** @type {const} */ ({
  guides: 'Guides',
  experiments: 'Experiments',
  packages: 'Packages',
  decisions: 'Decisions',
});

/** Titles of the groups of documents, in the order in which they stand. */
export const documentGroups = ['Guides', 'Packages', 'Modules', 'Experiments', 'Around the packages', 'Decisions'];

/**
 * Names documents by their headings, and puts them into groups.
 *
 * @param {ProjectReflection} project
 */
export function arrangeDocuments(project) {
  for (const document of project.documents ?? []) {
    const [, title = document.name] = heading.exec(document.content[0]?.text ?? '') ?? [];
    document.name = title.startsWith('@tempograd/') ? `About ${title}` : title;
    const path = project.files.getReflectionPath(document) ?? '';
    const [, folder = ''] = /\/(guides|experiments|packages|decisions)\//.exec(path) ?? [];
    document.frontmatter['group'] = groupOf[/** @type {keyof typeof groupOf} */ (folder)] ?? 'Around the packages';
  }
  // The page in front has its title already.
  const [first] = project.readme ?? [];
  if (first !== undefined) first.text = first.text.replace(heading, '');
}
