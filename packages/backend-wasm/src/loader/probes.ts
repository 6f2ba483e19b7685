// Tiny modules that an engine validates exactly when it has the feature.

const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const oneFunction = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00];
/** i32.const 0, i8x16.splat */
const zeroVector = [0x41, 0x00, 0xfd, 0x0f];

function validates(...bytes: number[]): boolean {
  return WebAssembly.validate(new Uint8Array([...header, ...bytes]));
}

/** Whether the engine has 128-bit SIMD. */
export function hasSimd(): boolean {
  return validates(...oneFunction, 0x0a, 0x09, 0x01, 0x07, 0x00, ...zeroVector, 0x1a, 0x0b);
}

/** Whether the engine has relaxed SIMD: f32x4.relaxed_madd. */
export function hasRelaxedSimd(): boolean {
  const body = [0x00, ...zeroVector, ...zeroVector, ...zeroVector, 0xfd, 0x85, 0x02, 0x1a, 0x0b];
  return validates(...oneFunction, 0x0a, body.length + 2, 0x01, body.length, ...body);
}

/** Whether the engine has shared memory, and this place may use it: Node, or a cross-origin-isolated page or worker. */
export function hasSharedMemory(): boolean {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? true;
  return isolated && typeof SharedArrayBuffer === 'function' && validates(0x05, 0x04, 0x01, 0x03, 0x01, 0x01);
}
