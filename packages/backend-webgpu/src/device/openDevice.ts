import { ArgumentError, BackendError } from '@tempograd/core/backend';
import type { DeviceChoice } from './DeviceChoice.js';
import { findGpu } from './findGpu.js';

/** An open device and where it comes from. */
export interface OpenDevice {
  readonly device: GPUDevice;
  readonly adapterInfo: GPUAdapterInfo;
  readonly source: 'browser' | 'node' | 'given adapter' | 'given device';
}

/** Limits that are taken as far as the adapter has them: larger tensors, larger tiles. */
const wantedLimits = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
] as const;

/** Features that are taken where the adapter has them. */
const wantedFeatures = ['shader-f16', 'timestamp-query'] as const;

/** @throws BackendError where there is no adapter, it gives no device, or f16 is needed and missing */
export async function openDevice(choice: DeviceChoice, needsF16 = false): Promise<OpenDevice> {
  const { device, adapter } = choice;
  if (device !== undefined && adapter !== undefined) {
    throw new ArgumentError('createBackend was given a device and an adapter; give one of them.');
  }
  if (device !== undefined) {
    if (needsF16 && !device.features.has('shader-f16')) {
      throw noF16('which the given device was made without: request it with requiredFeatures: ["shader-f16"]');
    }
    return { device, adapterInfo: device.adapterInfo, source: 'given device' };
  }
  if (adapter !== undefined) return { ...(await deviceOf(adapter, needsF16)), source: 'given adapter' };
  const { gpu, source } = await findGpu();
  const { powerPreference = 'high-performance' } = choice;
  const found = await gpu.requestAdapter({ powerPreference });
  if (found === null) throw noAdapter(source);
  return { ...(await deviceOf(found, needsF16)), source };
}

async function deviceOf(adapter: GPUAdapter, needsF16: boolean): Promise<Pick<OpenDevice, 'device' | 'adapterInfo'>> {
  if (needsF16 && !adapter.features.has('shader-f16')) {
    throw noF16(`which the adapter ${nameOf(adapter)} does not have: take another adapter`);
  }
  const requiredLimits: Record<string, number> = {};
  for (const limit of wantedLimits) requiredLimits[limit] = adapter.limits[limit];
  const requiredFeatures = wantedFeatures.filter((feature) => adapter.features.has(feature));
  try {
    const device = await adapter.requestDevice({ label: 'tempograd', requiredLimits, requiredFeatures });
    return { device, adapterInfo: adapter.info };
  } catch (cause) {
    // A browser's message goes on with places in its own sources.
    const [reason] = (cause as Error).message.split('\n');
    throw new BackendError(
      `The adapter ${nameOf(adapter)} gives no device: ` +
        `${reason}. An adapter gives one device only: request a new adapter for each backend, or share a ` +
        'device by createBackend({ device }).',
      { cause },
    );
  }
}

function nameOf({ info }: GPUAdapter): string {
  return info.description || info.vendor || 'without a name';
}

function noF16(why: string): BackendError {
  return new BackendError(
    `createBackend({ storage: 'f16' }) needs the feature shader-f16, ${why}, or leave storage out, and weights and ` +
      'activations are kept in f32.',
  );
}

function noAdapter(source: 'browser' | 'node'): BackendError {
  return new BackendError(
    source === 'browser'
      ? 'This browser has WebGPU but no adapter for it: the GPU or its driver is blocked, or there is none. ' +
          'chrome://gpu says why; on Linux Chrome may need --enable-unsafe-webgpu --enable-features=Vulkan. ' +
          'The wasm backend needs no GPU: @tempograd/backend-wasm.'
      : 'WebGPU found no adapter on this machine. On Linux it needs a Vulkan driver: the one of your GPU, or Mesa 24 or later ' +
          'for a software one (Debian and Ubuntu: apt install libvulkan1 mesa-vulkan-drivers; VK_ICD_FILENAMES chooses among ' +
          'drivers). Windows and macOS bring theirs. The wasm backend needs no GPU: @tempograd/backend-wasm.',
  );
}
