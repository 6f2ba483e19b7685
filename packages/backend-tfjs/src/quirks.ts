/** What a device of tfjs does otherwise than the contract asks, each held by a test that tfjs itself still does so. */
export interface Quirks {
  /** `maximum` and `minimum` drop a NaN that stands on one side. */
  readonly extremesLoseNaN: boolean;
  /** `log1p(x)` is computed as `log(1 + x)`, and loses small x. */
  readonly log1pLosesSmall: boolean;
  /** `relu(−∞)` is NaN. */
  readonly reluOfInfinityIsNaN: boolean;
  /** `sin` and `cos` are those of the shader language, good to three or four digits. */
  readonly coarseSine: boolean;
  /** `dataSync` goes through a canvas, gives wrong numbers on some devices, and ends the device on others. */
  readonly noSyncRead: boolean;
}

const none: Quirks = {
  extremesLoseNaN: false,
  log1pLosesSmall: false,
  reluOfInfinityIsNaN: false,
  coarseSine: false,
  noSyncRead: false,
};

const known: Readonly<Record<string, Quirks>> = {
  wasm: { ...none, extremesLoseNaN: true, log1pLosesSmall: true },
  webgl: { ...none, log1pLosesSmall: true, reluOfInfinityIsNaN: true, coarseSine: true },
  webgpu: { ...none, log1pLosesSmall: true, coarseSine: true, noSyncRead: true },
};

/** The quirks of a device; none are known of devices that are not tested here. */
export function quirksOf(device: string): Quirks {
  return known[device] ?? none;
}
