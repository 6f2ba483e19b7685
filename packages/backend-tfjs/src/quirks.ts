/** What a device of tfjs does otherwise than the contract asks, each held by a test that tfjs itself still does so. */
export interface Quirks {
  /** `maximum` and `minimum` drop a NaN that stands on one side. */
  readonly extremesLoseNaN: boolean;
  /** `log1p(x)` is computed as `log(1 + x)`, and loses small x. */
  readonly log1pLosesSmall: boolean;
}

const none: Quirks = { extremesLoseNaN: false, log1pLosesSmall: false };

const known: Readonly<Record<string, Quirks>> = {
  wasm: { ...none, extremesLoseNaN: true, log1pLosesSmall: true },
};

/** The quirks of a device; none are known of devices that are not tested here. */
export function quirksOf(device: string): Quirks {
  return known[device] ?? none;
}
