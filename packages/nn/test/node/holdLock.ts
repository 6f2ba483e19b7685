// In a process of its own: holds the file at the path given until its input ends.
import { lockFile } from '../../src/node/index.js';

await lockFile(process.argv[2] as string);
process.stdout.write('held\n');
process.stdin.resume().on('end', () => process.exit(0));
