import type { DeviceSpeed } from './tiles.js';

/** What `pnpm tune --write` measured, by the `architecture` of a device's adapter. */
export const measured: Readonly<Record<string, DeviceSpeed>> = {};
