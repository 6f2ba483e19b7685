/**
 * How changesets become lines of a changelog: the sentences as they stand, without commits, so that a rehearsal needs no history, and
 * one line for all packages that a package goes with.
 */

/** @typedef {{ summary: string }} Changeset */
/** @typedef {{ name: string, newVersion: string }} Release */

/**
 * @param {Changeset} changeset
 * @returns {Promise<string>}
 */
async function getReleaseLine({ summary }) {
  return `- ${summary.trim().replaceAll('\n', '\n  ')}`;
}

/**
 * @param {readonly Changeset[]} _changesets
 * @param {readonly Release[]} dependencies
 * @returns {Promise<string>}
 */
async function getDependencyReleaseLine(_changesets, dependencies) {
  if (dependencies.length === 0) return '';
  return `- Goes with ${dependencies.map(({ name, newVersion }) => `${name} ${newVersion}`).join(', ')}.`;
}

export default { getReleaseLine, getDependencyReleaseLine };
