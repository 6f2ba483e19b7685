/** What a device of tfjs does otherwise than the contract asks, each held by a test that tfjs itself still does so. */
export interface Quirks {
  /** `maximum` and `minimum` drop a NaN that stands on one side. */
  readonly extremesLoseNaN: boolean;
  /** `exp` of NaN is infinite. */
  readonly expLosesNaN: boolean;
  /** `log` of 0 is a large number, and that of NaN one too on some devices. */
  readonly logIsFinite: boolean;
  /** Integers cannot be transposed, nor summed over axes that are not the last: the result is never written. */
  readonly integersStayPut: boolean;
  /** `log1p(x)` is computed as `log(1 + x)`, and loses small x. */
  readonly log1pLosesSmall: boolean;
  /** `relu(−∞)` is NaN. */
  readonly reluOfInfinityIsNaN: boolean;
  /** `sin` and `cos` are those of the shader language, good to three or four digits. */
  readonly coarseSine: boolean;
  /** `dataSync` goes through a canvas, gives wrong numbers on some devices, and ends the device on others. */
  readonly noSyncRead: boolean;
}

/** What a device is slow at, so that the adapter takes another way to the same numbers. Times are of tfjs 4.22. */
export interface Slowness {
  /** A product with a transposed operand takes ten times as long as one after `transpose`. */
  readonly transposedProducts: boolean;
  /** `broadcastTo` takes 70 ns an element; a product with ones takes one. */
  readonly broadcastTo: boolean;
  /** `slice` reads the whole tensor, however little of it is wanted; `gather` of rows does not. */
  readonly sliceOfLarge: boolean;
  /** A slice that is not one piece takes 400 ns an element; `gather` of rows takes a quarter. */
  readonly sliceInPieces: boolean;
  /** Values are in main memory: to look whether indices lie inside costs less than to provide for those that do not. */
  readonly memoryAtHand: boolean;
}

const none: Quirks = {
  extremesLoseNaN: false,
  expLosesNaN: false,
  logIsFinite: false,
  integersStayPut: false,
  log1pLosesSmall: false,
  reluOfInfinityIsNaN: false,
  coarseSine: false,
  noSyncRead: false,
};

const known: Readonly<Record<string, Quirks>> = {
  wasm: { ...none, extremesLoseNaN: true, log1pLosesSmall: true },
  webgl: { ...none, logIsFinite: true, log1pLosesSmall: true, reluOfInfinityIsNaN: true, coarseSine: true },
  webgpu: {
    ...none,
    expLosesNaN: true,
    logIsFinite: true,
    integersStayPut: true,
    log1pLosesSmall: true,
    coarseSine: true,
    noSyncRead: true,
  },
};

const quick: Slowness = {
  transposedProducts: false,
  broadcastTo: false,
  sliceOfLarge: false,
  sliceInPieces: false,
  memoryAtHand: false,
};

const slow: Readonly<Record<string, Slowness>> = {
  cpu: { ...quick, sliceInPieces: true, memoryAtHand: true },
  wasm: { ...quick, transposedProducts: true, broadcastTo: true, sliceOfLarge: true, memoryAtHand: true },
};

/** What a device is slow at; nothing is known of devices that are not measured here. */
export function slownessOf(device: string): Slowness {
  return slow[device] ?? quick;
}

/** The quirks of a device; none are known of devices that are not tested here. */
export function quirksOf(device: string): Quirks {
  return known[device] ?? none;
}
