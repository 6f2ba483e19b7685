import { treeLeaves } from '@tempograd/core';
import type { Backend, Operand } from '@tempograd/core/backend';
import type { MemoryUse } from '@tempograd/nn';

/** What the handles of one op hold together, and what for. */
interface Group {
  bytes: number;
  use: MemoryUse;
}

/** What a backend's `memory()` says, told apart by what it was taken for. */
export interface Ledger {
  /** What is taken from now on is for this. */
  use: MemoryUse;
  /** Bytes by use at the highest moment. */
  readonly atPeak: ReadonlyMap<MemoryUse, number>;
  readonly peakBytes: number;
  /** All that is live now is for this, data and what is kept aside. */
  relabel(use: MemoryUse): void;
  /** What these tensors hold is for this. */
  setUse(tree: unknown, use: MemoryUse): void;
}

const shares = new Set(['reshape', 'slice']);
const silent = new Set(['dispose', 'flush', 'read', 'readSync']);

/**
 * A backend that asks the one given for its bytes before and after each op, and writes down what for they were. What an op takes and
 * has given back when it returns is `scratch`.
 */
export function measuringBackend(backend: Backend): { backend: Backend; ledger: Ledger } {
  const groups = new Map<object, Group>();
  const live = new Set<Group>();
  let atPeak = new Map<MemoryUse, number>();
  let peak = 0;
  /** Since whoever measures said so: each op here starts a measurement of its own. */
  let peakSinceReset = 0;
  const ledger = {
    use: 'parameters' as MemoryUse,
    get atPeak() {
      return atPeak;
    },
    get peakBytes() {
      return peak;
    },
    relabel(use: MemoryUse) {
      for (const group of live) if (group.use !== 'data' && group.use !== 'kept') group.use = use;
    },
    setUse(tree: unknown, use: MemoryUse) {
      for (const leaf of treeLeaves(tree)) (groups.get((leaf as unknown as Operand).handle) as Group).use = use;
    },
  };
  const sums = (): Map<MemoryUse, number> => {
    const result = new Map<MemoryUse, number>();
    for (const { use, bytes } of live) result.set(use, (result.get(use) ?? 0) + bytes);
    return result;
  };
  const handlesIn = (value: unknown): object[] => {
    if (typeof value !== 'object' || value === null) return [];
    if (Array.isArray(value)) return value.flatMap(handlesIn);
    if (Object.getPrototypeOf(value) !== Object.prototype) return [value];
    return Object.values(value).flatMap(handlesIn);
  };
  const measured =
    (name: string, op: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      const before = backend.memory().bytes;
      backend.resetPeak();
      const result = op.apply(backend, args);
      const { bytes: after, peakBytes } = backend.memory();
      peakSinceReset = Math.max(peakSinceReset, peakBytes);
      const made = handlesIn(result);
      if (shares.has(name) && after === before) {
        groups.set(result as object, groups.get((args[0] as { handle: object }).handle) as Group);
        return result;
      }
      const group = { bytes: after - before, use: ledger.use };
      live.add(group);
      for (const handle of made) groups.set(handle, group);
      if (made.length === 0 && after !== before)
        throw new Error(`${name} took ${after - before} bytes and gave nothing`);
      if (peakBytes > peak) {
        peak = peakBytes;
        atPeak = sums();
        if (peakBytes > after) atPeak.set('scratch', (atPeak.get('scratch') ?? 0) + peakBytes - after);
        if (peakBytes < after) throw new Error(`${name}: peak below the end`);
      }
      return result;
    };
  const own: Record<string, unknown> = {
    memory: () => ({ ...backend.memory(), peakBytes: peakSinceReset }),
    resetPeak: () => {
      peakSinceReset = backend.memory().bytes;
    },
  };
  const wrapped = Object.fromEntries(
    Object.entries(backend).map(([name, member]) => {
      if (name in own) return [name, own[name]];
      if (name === 'release') {
        return [
          name,
          (handle: object) => {
            const before = backend.memory().bytes;
            backend.release(handle);
            const group = groups.get(handle) as Group;
            groups.delete(handle);
            group.bytes -= before - backend.memory().bytes;
            if (group.bytes === 0) live.delete(group);
          },
        ];
      }
      if (typeof member !== 'function' || silent.has(name)) return [name, member];
      return [name, measured(name, member as (...args: unknown[]) => unknown)];
    }),
  ) as unknown as Backend;
  return { backend: wrapped, ledger };
}
