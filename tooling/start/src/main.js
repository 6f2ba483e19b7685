// Behind `npm start`, `npm test` and whatever else needs the pnpm of the workspace. Needs Node and npm, and nothing that is
// installed yet.
// An old Node must be able to read this file and the next, to say that it is too old: the rest is imported later.
import { tooOld } from './too-old.js';

const complaint = tooOld(process.versions.node);
if (complaint) {
  console.error(complaint);
  process.exitCode = 1;
} else {
  const { runCommand } = await import('./run-command.js');
  process.exitCode = await runCommand(process.argv[2] ?? '', process.argv.slice(3));
}
