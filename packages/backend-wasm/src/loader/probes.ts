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

/**
 * Whether the processor fuses multiply and add, as those with AVX2 do, which WebAssembly cannot ask for: f32x4.relaxed_madd of
 * 1 + 2⁻¹², itself and −(1 + 2⁻¹¹), whose square's last bit is lost unless it is. The engine must have relaxed SIMD.
 */
export function canFuse(): boolean {
  const type = [0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7d, 0x03, 0x02, 0x01, 0x00];
  const exported = [0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00];
  const splat = (...bits: number[]): number[] => [0x43, ...bits, 0xfd, 0x13];
  const factor = splat(0x00, 0x08, 0x80, 0x3f);
  const body = [0x00, ...factor, ...factor, ...splat(0x00, 0x10, 0x80, 0xbf), 0xfd, 0x85, 0x02, 0xfd, 0x1f, 0x00, 0x0b];
  const code = [0x0a, body.length + 2, 0x01, body.length, ...body];
  const module = new WebAssembly.Module(new Uint8Array([...header, ...type, ...exported, ...code]));
  const { f } = new WebAssembly.Instance(module).exports as { f: () => number };
  return f() !== 0;
}

/** Whether the engine has shared memory, and this place may use it: Node, or a cross-origin-isolated page or worker. */
export function hasSharedMemory(): boolean {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated ?? true;
  return isolated && typeof SharedArrayBuffer === 'function' && validates(0x05, 0x04, 0x01, 0x03, 0x01, 0x01);
}
