// Runs the built command with the arguments of one message after another, and answers each with what it left.
import { on } from 'node:events';
import { runProgram } from '../../dist/program.js';

const heard = { stdout: '', stderr: '' };
for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
  process[name].write = (/** @type {string | Uint8Array} */ piece) => {
    heard[name] += typeof piece === 'string' ? piece : Buffer.from(piece).toString();
    return true;
  };
}
// Each training listens to signals until its process ends.
process.setMaxListeners(0);
process.on('disconnect', () => process.exit());

for await (const [args] of on(process, 'message')) {
  Object.assign(heard, { stdout: '', stderr: '' });
  const code = await runProgram(/** @type {string[]} */ (args));
  // What a process does at its end: a training holds its files until then.
  process.emit('exit', code);
  process.send?.({ code, ...heard });
}
