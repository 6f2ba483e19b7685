import { NotAvailable, NotInstalled, type BackendEntry, type BackendModule } from './BackendEntry.js';
import { defaultPlaces, finder, importFile } from './findPackage.js';

/** What is used of Dawn's module. */
interface Dawn {
  create(flags: string[]): GPU;
}

/** Dawn's root object, kept as long as the process runs: it must outlive every device. */
let root: GPU | null = null;

/**
 * The webgpu backend, on Dawn for Node, the package `webgpu`, where the user has it: it is large, and of no use without a GPU.
 * `places` are the folders whose packages count; by default the user's folder, and the command's own.
 */
export function webgpuEntry(places: readonly string[] = defaultPlaces): BackendEntry {
  const remedy = 'npm install webgpu';
  return {
    name: 'webgpu',
    remedy,
    async load(): Promise<BackendModule> {
      const file = finder(places)('webgpu');
      if (file === null) throw new NotInstalled(`is not installed: ${remedy}`);
      const { createBackend } = await import('@tempograd/backend-webgpu');
      return {
        async createBackend() {
          root ??= ((await importFile(file)) as Dawn).create([]);
          const adapter = await root.requestAdapter({ powerPreference: 'high-performance' });
          if (adapter === null) {
            throw new NotAvailable(
              'finds no GPU, or no driver for it. On Linux WebGPU needs a Vulkan driver: the one of your GPU, ' +
                'or a software one (apt install libvulkan1 mesa-vulkan-drivers, of Mesa 24 or later)',
            );
          }
          return createBackend({ adapter });
        },
      };
    },
  };
}
