export { chromiumArguments } from './chromium-arguments.js';
export { findChromium } from './find-chromium.js';
