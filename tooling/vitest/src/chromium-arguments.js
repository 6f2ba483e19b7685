/**
 * The command-line arguments that Chromium is started with.
 *
 * @returns {string[]}
 */
export function chromiumArguments() {
  const args = ['--disable-dev-shm-usage', '--disable-background-networking', '--enable-unsafe-webgpu'];
  // Chromium refuses to sandbox itself when started by root, as in most containers.
  return process.getuid?.() === 0 ? ['--no-sandbox', ...args] : args;
}
