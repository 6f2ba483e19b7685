import { readFileSync } from 'node:fs';

/** The widest vectors of this machine's processors, which its programs may or may not use; null where the system does not say. */
export function machineVectors(): 'AVX-512' | 'AVX2' | 'SSE' | 'NEON' | null {
  let text: string;
  try {
    text = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return null;
  }
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(text)?.[1]?.split(/\s+/));
  if (flags.has('avx512f')) return 'AVX-512';
  if (flags.has('avx2')) return 'AVX2';
  if (flags.has('sse4_2')) return 'SSE';
  return flags.has('asimd') ? 'NEON' : null;
}
