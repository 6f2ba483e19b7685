import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folders = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];

/** Mesa's software driver, and the one that comes with Chromium, several times slower. */
const softwareDrivers = [
  ...folders.map((folder) => join(folder, 'lvp_icd.json')),
  ...folders.map((folder) => join(folder, 'lvp_icd.x86_64.json')),
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

/**
 * The Vulkan driver for tests of WebGPU in Node, for `VK_ICD_FILENAMES`: a software one, the same on every machine, so that
 * what passes on one passes on all. `VK_ICD_FILENAMES`, where it is set, decides, and on a system without Vulkan nothing does.
 *
 * @returns {string | undefined} a driver's manifest; undefined leaves the choice to the system
 */
export function vulkanDriver() {
  if (process.platform !== 'linux' || process.env['VK_ICD_FILENAMES']) return process.env['VK_ICD_FILENAMES'];
  return softwareDrivers.find((path) => existsSync(path));
}

/**
 * Settings of Mesa's software driver for tests, whose shaders are compiled for longer than they run: LLVM does not optimise, and vectors
 * are short, which takes a third of the time. The first also keeps what it compiled apart, in its cache, from what others need.
 */
export const mesaSettings = { GALLIVM_PERF: 'nopt', LP_NATIVE_VECTOR_WIDTH: '128' };

/** @returns {string[]} the Vulkan drivers of this system, for messages */
export function installedDrivers() {
  return folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder));
}
