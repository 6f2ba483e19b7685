/** What of an `AbortSignal` a training listens to; its own type, so that declarations hold where neither a page's nor Node's are known. */
export interface StopSignal {
  /** Whether it has said stop. */
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
