import type { FileHandle } from 'node:fs/promises';

/** Bytes that the system reads at once, at most. */
const most = 1 << 30;

/** Fills `bytes` from a file, from byte `from` on; what is missing at its end stays 0. */
export async function fillFrom(handle: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
  for (let filled = 0; filled < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(most, bytes.length - filled), from + filled);
    if (bytesRead === 0) return;
    filled += bytesRead;
  }
}
