import type { Job, Message } from '../protocol.js';

/** How a job ended: as it should, because it was stopped, or because its worker died or fell silent, in words. */
export type Ending =
  { readonly kind: 'ended' | 'stopped' } | { readonly kind: 'died' | 'silent'; readonly reason: string };

/** What a job runs under. */
export interface WorkerSettings {
  readonly createWorker: () => Worker;
  /** Milliseconds without a word after which a worker is taken for hung. */
  readonly patience: number;
  readonly signal: AbortSignal;
}

/** Does a job in a worker of its own, which is ended with it: so is whatever it held, a GPU's device and a hung loop too. */
export function runInWorker(
  job: Job,
  { createWorker, patience, signal }: WorkerSettings,
  onMessage: (message: Message) => void,
): Promise<Ending> {
  return new Promise((resolve) => {
    const worker = createWorker();
    let timer: ReturnType<typeof setTimeout>;
    const end = (ending: Ending): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      worker.terminate();
      resolve(ending);
    };
    const stop = (): void => end({ kind: 'stopped' });
    const wait = (): void => {
      clearTimeout(timer);
      const reason = `It gave no sign of life for ${Math.round(patience / 1000)} seconds.`;
      timer = setTimeout(() => end({ kind: 'silent', reason }), patience);
    };
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      wait();
      onMessage(data);
      if (data.kind === 'done' || data.kind === 'absent' || data.kind === 'broken') end({ kind: 'ended' });
    };
    worker.onerror = (event) => {
      event.preventDefault();
      end({ kind: 'died', reason: event.message || 'Its worker could not be loaded, or ended.' });
    };
    signal.addEventListener('abort', stop);
    wait();
    if (signal.aborted) stop();
    else worker.postMessage(job);
  });
}
