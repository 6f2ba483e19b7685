export { browserProject } from './browser-project.js';
export { defineTests } from './define-tests.js';
export { findChromium } from './find-chromium.js';
export { inOneProcess, nodeProject } from './node-project.js';
export { sourceAliases } from './source-aliases.js';
export { webgpuFault, webgpuProject } from './webgpu-project.js';
