import { rm } from 'node:fs/promises';
import { countFiles, formatCounts, sumCounts } from './counts.js';
import { install } from './install.js';
import { runTurbo } from './run-turbo.js';
import { root } from './workspace.js';

const tasks = ['lint', 'types', 'test', 'check:package'];

/** How many tasks run at a time: tests wait for a good part of their time, so that it takes three to fill two cores. They need some 5 GB of memory. */
const atOnce = 3;

/**
 * `npm test`: installs, builds, and runs every check; the last line says how many tests passed and failed.
 *
 * @param {string[]} args further arguments of turbo, such as `--filter=@tempograd/core`
 * @returns {Promise<number>} 0 if all passed
 */
export async function test(args) {
  await install();
  // Counts of an earlier run must not be added to this one's; turbo puts back those of a test it need not repeat.
  for (const file of await countFiles(root)) await rm(file);
  const code = await runTurbo([...tasks, '--continue=dependencies-successful', `--concurrency=${atOnce}`, ...args]);
  const counts = await sumCounts(await countFiles(root));
  // A check without tests, such as lint, failed: no test says so, but the sum must.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  console.log(formatCounts(counts));
  return code === 0 && counts.failed > 0 ? 1 : code;
}
