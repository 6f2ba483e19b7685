/** What was asked of a device. */
export interface CommandCounts {
  dispatches: number;
  submissions: number;
  readBacks: number;
}

/** Calls that are counted, by their names in WebGPU. */
const counted: Readonly<Record<string, keyof CommandCounts>> = {
  dispatchWorkgroups: 'dispatches',
  submit: 'submissions',
  mapAsync: 'readBacks',
};

/**
 * The same device, which counts what it is asked for: any backend's work, whoever wrote it. The proxies cost more than the calls, so
 * that times are taken on a device without.
 */
export function countCommands(device: GPUDevice): { device: GPUDevice; counts: CommandCounts } {
  const counts: CommandCounts = { dispatches: 0, submissions: 0, readBacks: 0 };
  const originals = new WeakMap<object, object>();
  const plain = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const original = originals.get(value);
    if (original !== undefined) return original;
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value;
    if (Array.isArray(value)) return value.map(plain);
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
  };
  const watched = (value: unknown): unknown => {
    // Of what a device makes only these are asked for something that counts.
    const names = ['GPUDevice', 'GPUQueue', 'GPUCommandEncoder', 'GPUComputePassEncoder', 'GPUBuffer'];
    if (typeof value !== 'object' || value === null || !names.includes(value.constructor.name)) return value;
    const proxy = new Proxy(value, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return watched(member);
        return (...args: unknown[]): unknown => {
          const count = counted[String(name)];
          if (count !== undefined) counts[count]++;
          return watched(Reflect.apply(member, target, args.map(plain)));
        };
      },
    });
    originals.set(proxy, value);
    return proxy;
  };
  return { device: watched(device) as GPUDevice, counts };
}
