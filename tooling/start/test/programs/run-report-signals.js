import { join } from 'node:path';
import { runChild } from '../../src/run-child.js';

process.exitCode = await runChild(process.execPath, [join(import.meta.dirname, 'report-signals.js')]);
