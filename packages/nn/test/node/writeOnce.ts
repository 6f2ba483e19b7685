// In a process of its own: writes one small file.
import { writeWhole } from '../../src/node/index.js';

await writeWhole(process.argv[2] as string, Uint8Array.of(1));
