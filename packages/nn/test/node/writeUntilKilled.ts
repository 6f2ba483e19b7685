// In a process of its own: writes large files over one another, each of one number all through.
import { writeWhole } from '../../src/node/index.js';

for (let round = 0; ; round++) {
  await writeWhole(process.argv[2] as string, new Uint8Array(2e7).fill(round % 256));
  process.stdout.write('written\n');
}
