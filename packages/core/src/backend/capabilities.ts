import type { DType } from './dtype.js';

/** What a backend can do beyond the required ops. Each flag says what is assumed when it is absent. */
export interface Capabilities {
  /** Element types it stores and computes with. Every backend has `f32` and `i32`. */
  readonly dtypes: readonly DType[];
  /** Default is false. If true, `readSync` exists; else values come back by `read` alone, and so does everything built on it. */
  readonly syncRead?: boolean;
  /**
   * Default is false. If true, `reshape` and a `slice` of a contiguous stretch share their source's storage and cost no copy;
   * else each makes a copy, and memory plans count it.
   */
  readonly views?: boolean;
  /** Default is Infinity. The largest single buffer, in bytes; a larger one is refused with an OutOfMemoryError. */
  readonly maxBufferBytes?: number;
}

/** What a person may want to know of the backend in use: which build, how many threads, which device, and why. */
export type BackendInfo = Readonly<Record<string, string | number | boolean>>;

/** Live memory of a backend. */
export interface MemoryInfo {
  /** Buffers that were made and not yet released; views that share storage count once. */
  readonly buffers: number;
  /** Bytes those buffers hold. */
  readonly bytes: number;
  /** The highest `bytes` since the backend was made or `resetPeak` was called. */
  readonly peakBytes: number;
}
