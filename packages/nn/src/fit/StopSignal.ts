/** What of an `AbortSignal` a training listens to; its own type, so that declarations hold where neither a page's nor Node's are known. */
export interface StopSignal {
  /** Whether it has said stop. */
  readonly aborted: boolean;
  /** Calls a function when it says stop. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Calls it no more. */
  removeEventListener(type: 'abort', listener: () => void): void;
}
