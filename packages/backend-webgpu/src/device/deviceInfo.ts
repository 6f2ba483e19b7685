import type { BackendInfo } from '@tempograd/core/backend';
import type { OpenDevice } from './openDevice.js';

/** What a person may want to know of a device. */
export function deviceInfo({ device, adapterInfo, source }: OpenDevice): BackendInfo {
  const { vendor, architecture, description } = adapterInfo;
  const { limits, features } = device;
  const has = (feature: GPUFeatureName): string =>
    features.has(feature)
      ? 'yes'
      : source === 'given device'
        ? 'no: the given device was made without'
        : 'no: the adapter has none';
  return {
    source,
    adapter: description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed',
    vendor: vendor || 'unknown',
    architecture: architecture || 'unknown',
    software: adapterInfo.isFallbackAdapter ?? false,
    shaderF16: has('shader-f16'),
    timestampQuery: has('timestamp-query'),
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
  };
}
