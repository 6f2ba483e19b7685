/** Dawn's root object: it must live as long as any device of its. */
let dawn: GPU | null = null;

/** Gives Node the `navigator.gpu` and the constants that libraries for browsers look for when they are loaded, from the package `webgpu`. */
export async function giveWebGpu(): Promise<void> {
  const { create, globals } = await import('webgpu');
  dawn ??= create([]);
  Object.assign(globalThis, globals);
  // Node 20 has no navigator.
  const global = globalThis as { navigator?: object };
  global.navigator ??= { userAgent: `Node.js/${process.versions.node}` };
  Object.defineProperty(global.navigator, 'gpu', { value: dawn, configurable: true });
}
