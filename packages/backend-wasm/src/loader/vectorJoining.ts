// V8 can join pairs of 128-bit vectors into 256-bit ones where the processor has AVX2, with a flag that is off by default.

import { BackendError } from '@tempograd/core/backend';

const flag = '--experimental-wasm-revectorize';

/** The first V8 that makes whole loops of such pairs: Node 24's. */
const leastV8 = 13;

/** Whether this Node process was started with the flag. */
export function joinsVectors(): boolean {
  return globalThis.process?.execArgv?.includes(flag) ?? false;
}

/**
 * Turns the flag on in Node, for all WebAssembly that the process compiles from now on; elsewhere it is the user's to set.
 * @throws BackendError in a Node whose V8 cannot do it
 */
export function joinVectors(): void {
  const { process } = globalThis;
  const v8 = process?.getBuiltinModule?.('node:v8');
  if (process === undefined || v8 === undefined) return;
  if (Number.parseInt(process.versions.v8, 10) < leastV8 || process.arch !== 'x64') {
    throw new BackendError(
      `build 'wide' needs Node 24 or later on x64, and this is Node ${process.versions.node} on ${process.arch}. Use 'auto'.`,
    );
  }
  v8.setFlagsFromString(flag);
}
