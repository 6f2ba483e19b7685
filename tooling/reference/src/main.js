import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildReference } from './build-reference.js';

const root = join(import.meta.dirname, '../../..');
const out = join(root, 'docs/reference');
const { exports, warnings, undocumented } = await buildReference(root, out);
for (const warning of warnings) console.error(warning);
for (const name of undocumented) console.error(`${name} has no docstring.`);
console.log(`The reference of ${exports.size} names: ${pathToFileURL(join(out, 'index.html')).href}`);
if (warnings.length + undocumented.length > 0) process.exitCode = 1;
