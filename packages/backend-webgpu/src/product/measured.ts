import type { DeviceSpeed } from './tiles.js';

/** What `npm run tune -- --write` measured, by the `architecture` of a device's adapter, or by its vendor where it names none. */
export const measured: Readonly<Record<string, DeviceSpeed>> = {
  // On an H100, 2026-11-26; Dawn names no architecture there.
  nvidia: {
    tiles: {
      '128x128 8x8 16x1': {
        step: 131,
        together: 141,
      },
      '128x128 8x8 8x2': {
        step: 173,
        together: 165,
      },
      '128x128 8x8 8x1': {
        step: 173,
        together: 161,
      },
      '128x64 8x8 8x2': {
        step: 137,
        together: 223,
      },
      '128x64 8x4 16x1': {
        step: 81.3,
        together: 154,
      },
      '64x64 8x4 16x1': {
        step: 51.6,
        together: 218,
      },
      '64x64 8x4 16x1/2': {
        step: 45.3,
        together: 176,
      },
      '64x64 4x4 16x1': {
        step: 45.3,
        together: 172,
      },
      '64x32 8x4 16x1/2': {
        step: 43.4,
        together: 277,
      },
      '32x32 4x4 16x2': {
        step: 38.9,
        together: 400,
      },
      '32x32 4x4 32x1/4': {
        step: 19.5,
        together: 200,
      },
      '16x16 4x4 64x1/16': {
        step: 9.94,
        together: 187,
      },
      '16x16 4x4 4x1': {
        step: 103,
        together: 1710,
      },
    },
    dispatch: 3370,
    start: 607,
    bytesPerNanosecond: 2590,
  },
};
