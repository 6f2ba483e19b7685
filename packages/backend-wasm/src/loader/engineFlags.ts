// Features of V8 that some builds need and that are behind flags, which Node lets a program set.

import { BackendError } from '@tempograd/core/backend';
import { hasRelaxedSimd } from './probes.js';

const relaxedSimd = '--experimental-wasm-relaxed-simd';
const joining = '--experimental-wasm-revectorize';

/** The first V8 that joins pairs of vectors through whole loops: Node 24's. */
const leastJoiningV8 = 13;

/** V8's settings, in Node only. */
const v8 = () => globalThis.process?.getBuiltinModule?.('node:v8');

/** Turns relaxed SIMD on where the engine lacks it and Node can: in Node 20, for the whole process. */
export function allowRelaxedSimd(): void {
  if (!hasRelaxedSimd()) v8()?.setFlagsFromString(relaxedSimd);
}

/** Whether relaxed SIMD is there or `allowRelaxedSimd` would turn it on. */
export function canHaveRelaxedSimd(): boolean {
  return hasRelaxedSimd() || v8() !== undefined;
}

/** Whether this Node process was started so that V8 joins pairs of 128-bit vectors where the processor has AVX2. */
export function joinsVectors(): boolean {
  return globalThis.process?.execArgv?.includes(joining) ?? false;
}

/** Whether `joinVectors` can be called: not in a Node that does not join. */
export function canJoinVectors(): boolean {
  const { process } = globalThis;
  return v8() === undefined || (Number.parseInt(process.versions.v8, 10) >= leastJoiningV8 && process.arch === 'x64');
}

/**
 * Turns joining on in Node, for all WebAssembly that the process compiles from now on; elsewhere it is the user's to set.
 * @throws BackendError in a Node whose V8 cannot do it
 */
export function joinVectors(): void {
  if (!canJoinVectors()) {
    const { versions, arch } = globalThis.process;
    throw new BackendError(
      `build 'wide' needs Node 24 or later on x64, and this is Node ${versions.node} on ${arch}. Use 'auto'.`,
    );
  }
  v8()?.setFlagsFromString(joining);
}
