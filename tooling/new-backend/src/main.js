// Behind `pnpm new:backend NAME`.
import { join } from 'node:path';
import { newBackend } from './new-backend.js';

const [name = ''] = process.argv.slice(2).filter((argument) => argument !== '--');
try {
  newBackend(join(import.meta.dirname, '../../..'), name);
  console.log(`packages/backend-${name} is there; every op of it is still to be written. Next:

  pnpm install
  cd packages/backend-${name}
  pnpm vitest run -t layout            the cases of one group; src/createBackend.ts lists the ops in a good order
  pnpm vitest run -t layout --bail 1   the first of them that fails, alone
  pnpm vitest run                      all of them

docs/guides/writing-a-backend.md says what goes wrong first.`);
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exitCode = 1;
}
