import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeProject } from './node-project.js';
import { installedDrivers, mesaSettings, vulkanDriver } from './vulkan-driver.js';

/** @import { TestProjectInlineConfiguration } from 'vitest/config' */

const runFile = promisify(execFile);

const probe = `
const { create } = await import('webgpu');
const gpu = create([]);
const adapter = await gpu.requestAdapter();
if (adapter === null) throw new Error('there is no adapter');
console.log(adapter.info.description || adapter.info.vendor);
process.exit();
`;

/**
 * What stands in the way of WebGPU in Node, from this folder; undefined where nothing does. Sets the driver and its
 * settings for the processes that are started from here on, since a driver is chosen before a worker loads the first of WebGPU.
 *
 * @param {string} [folder] where the package `webgpu` is looked for
 * @returns {Promise<string | undefined>}
 */
export async function webgpuFault(folder = process.cwd()) {
  const driver = vulkanDriver();
  if (driver) process.env['VK_ICD_FILENAMES'] = driver;
  for (const [name, value] of Object.entries(mesaSettings)) process.env[name] ??= value;
  try {
    await runFile(process.execPath, ['--input-type=module', '-e', probe], { cwd: folder, timeout: 60_000 });
    return undefined;
  } catch (error) {
    const lines = String(/** @type {{ stderr?: string }} */ (error).stderr || error).split('\n');
    const reason = lines.find((line) => /^\s*\w*Error: /.test(line)) ?? lines[0];
    return `${reason} (driver ${driver ?? "the system's own"}; installed: ${installedDrivers().join(', ') || 'none'})`;
  }
}

/**
 * Tests that run in Node on WebGPU. Where the machine has none, one skipped test says why, or fails where `REQUIRE_WEBGPU=1`.
 *
 * @param {TestProjectInlineConfiguration['test']} [overrides] as of `nodeProject`
 * @returns {Promise<TestProjectInlineConfiguration>}
 */
export async function webgpuProject(overrides = {}) {
  const fault = await webgpuFault();
  const name = overrides.name ?? 'webgpu';
  if (fault === undefined) return nodeProject({ ...overrides, name });
  return {
    root: join(import.meta.dirname, '../stubs'),
    test: { name, include: ['no-webgpu.test.js'], provide: { webgpuFault: fault } },
  };
}
