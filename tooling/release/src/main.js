import { parseArgs } from 'node:util';
import { release } from './release.js';
import { rehearse } from './rehearse.js';
import { RunFailed } from './run.js';

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
// `npm run release --dry-run`, without the `--`, is npm's own option, which scripts are told of in this way.
const dryRun = values['dry-run'] || process.env['npm_config_dry_run'] === 'true';
// What is packed must be written all the same.
delete process.env['npm_config_dry_run'];
try {
  if (!dryRun) await release();
  else await rehearse();
} catch (error) {
  if (!(error instanceof RunFailed)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
