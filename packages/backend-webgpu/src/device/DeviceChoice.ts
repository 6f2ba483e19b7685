import type { GlobalClass } from './GlobalClass.js';

/** What to open: a device as it is, an adapter's, or that of the adapter the system prefers. */
export interface DeviceChoice {
  /** A device of your own, a `GPUDevice`, which the backend computes on and never destroys. Default: one is requested. */
  readonly device?: GlobalClass<'GPUDevice'>;
  /** The adapter, a `GPUAdapter`, to request a device of. Default: the one that the system gives for `powerPreference`. */
  readonly adapter?: GlobalClass<'GPUAdapter'>;
  /** Which adapter to ask for where there are two. Default `'high-performance'`. */
  readonly powerPreference?: 'low-power' | 'high-performance';
}
