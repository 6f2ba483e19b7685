import { join } from 'node:path';
import { Application, Converter, OptionDefaults } from 'typedoc';
import { arrangeDocuments, documentGroups } from './arrange-documents.js';
import { documents, entryPoints } from './entry-points.js';
import { linkNames } from './link-names.js';
import { publicOptions } from './public-options.js';
import { undocumented } from './undocumented.js';

/** @import { PublicOption } from './public-options.js' */

/**
 * @typedef {object} Built
 * @property {string[]} warnings what TypeDoc complained of: links that lead nowhere, and the like
 * @property {string[]} undocumented exports, methods and options without a docstring
 * @property {Set<string>} exports the names that the packages export
 * @property {PublicOption[]} options of all functions that are exported
 */

/**
 * Builds the reference: static pages that open from disk, with the README in front, a page for every export, and the guides.
 *
 * @param {string} base the folder of the workspace
 * @param {string} out where the pages go; what was there is removed
 * @returns {Promise<Built>}
 * @throws {Error} if the sources cannot be read
 */
export async function buildReference(base, out) {
  const entries = entryPoints(base);
  const app = await Application.bootstrap({
    name: 'tempograd',
    entryPoints: entries.map(({ file }) => file),
    projectDocuments: documents(base),
    readme: join(base, 'README.md'),
    tsconfig: join(base, 'tooling/reference/sources.json'),
    basePath: base,
    // Types are checked by the TypeScript of the workspace; this one only reads.
    skipErrorChecking: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    disableSources: true,
    disableGit: true,
    hideGenerator: true,
    includeVersion: false,
    highlightLanguages: [...OptionDefaults.highlightLanguages, 'python'],
    searchInComments: true,
    searchInDocuments: true,
    // So that pages do not change from one build to the next.
    cacheBust: false,
    groupOrder: [...documentGroups, '*'],
    navigation: { includeGroups: true, includeCategories: false, includeFolders: false },
    validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true },
    logLevel: 'Warn',
  });
  /** @type {string[]} */
  const warnings = [];
  app.logger.warn = (text) => warnings.push(text);
  app.logger.error = (text) => warnings.push(text);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.children ?? []) {
      const { packageName, packagePath } = project.getSymbolIdFromReflection(module) ?? {};
      if (packageName) module.name = packageName + packagePath?.replace(/^src(.*)\/index\.ts$/, '$1');
    }
    arrangeDocuments(project);
    linkNames(project);
  });
  const project = await app.convert();
  if (project === undefined) throw new Error(`The reference cannot be made:\n${warnings.join('\n')}`);
  app.validate(project);
  await app.generateDocs(project, out);
  const exports = new Set((project.children ?? []).flatMap(({ children = [] }) => children.map(({ name }) => name)));
  return { warnings, undocumented: undocumented(project), exports, options: publicOptions(project) };
}
