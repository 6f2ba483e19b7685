// Read by old Nodes too: see main.js.

/**
 * @param {string} version the running Node's
 * @returns {string} what to tell the user of a Node that is too old; empty for one that is not
 */
export function tooOld(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return '';
  return (
    'tempograd needs Node 20.19 or later, and this is Node ' +
    version +
    '.\n' +
    'Install a newer one from https://nodejs.org and run the command again.'
  );
}
