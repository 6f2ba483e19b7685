// Behind `npm run new:backend -- NAME`.
import { join } from 'node:path';
import { newBackend } from './new-backend.js';

const [name = ''] = process.argv.slice(2).filter((argument) => argument !== '--');
try {
  newBackend(join(import.meta.dirname, '../../..'), name);
  console.log(`packages/backend-${name} is there; every op of it is still to be written. Next:

  npx pnpm@10.34.9 install
  cd packages/backend-${name}
  npx vitest run -t layout            the cases of one group; src/createBackend.ts lists the ops in a good order
  npx vitest run -t layout --bail 1   the first of them that fails, alone
  npx vitest run                      all of them

docs/guides/writing-a-backend.md says what goes wrong first.`);
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
