// Behind `npm start` and `npm test`. Needs Node and npm, and nothing that is installed yet.
// Any Node that knows modules must be able to read this file, to say that it is too old: the rest is imported later.
import { tooOld } from './too-old.js';

const complaint = tooOld(process.versions.node);
if (complaint) {
  console.error(complaint);
  process.exitCode = 1;
} else {
  import('./run-command.js')
    .then((module) => module.runCommand(process.argv[2], process.argv.slice(3)))
    .then((code) => {
      process.exitCode = code;
    });
}
