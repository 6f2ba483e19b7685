// Behind `npm start` and `npm test`. Needs Node and npm, and nothing that is installed yet.
// It must be read by any Node that knows modules, to say that it is too old: the rest is imported after the check.
const oldest = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);

if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  console.error(
    'tempograd needs Node ' + oldest.join('.') + ' or later, and this is Node ' + process.versions.node + '.\n' +
      'Install a newer one from https://nodejs.org and run the command again.',
  );
  process.exitCode = 1;
} else {
  const command = process.argv[2];
  const { runCommand } = await import('./run-command.js');
  process.exitCode = await runCommand(command, process.argv.slice(3));
}
