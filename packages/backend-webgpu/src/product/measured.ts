import type { DeviceSpeed } from './tiles.js';

/** What `pnpm tune --write` measured, by the `architecture` of a device's adapter, or by its vendor where it names none. */
export const measured: Readonly<Record<string, DeviceSpeed>> = {};
