/** Milliseconds of work after which the event loop is due a turn: a page that draws 60 times a second has 16.7 for each frame. */
const due = 5;

let latest = -Infinity;

/** Whether the event loop has had no turn for so long that a page or a server would be felt to hang. */
export function turnIsDue(): boolean {
  return performance.now() - latest >= due;
}

/** Lets the event loop do all that waits for it: timers, signals, input, drawing. */
export async function nextTurn(): Promise<void> {
  await new Promise<void>(afterOthers);
  latest = performance.now();
}

/**
 * Gives the event loop a turn where one is due, so that a backend that computes on this thread does not keep others from it:
 * awaiting what is there already lets none of them in. Loops await this between two pieces of work.
 */
export async function turn(): Promise<void> {
  if (turnIsDue()) await nextTurn();
}

/** Calls back when the event loop has done what waits. `setTimeout` is the last resort: pages hold it back by 4 ms and more. */
const afterOthers: (callback: () => void) => void =
  typeof setImmediate === 'function'
    ? (callback) => void setImmediate(callback)
    : typeof MessageChannel === 'function'
      ? messages()
      : (callback) => void setTimeout(callback, 0);

function messages(): (callback: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(null);
  };
}
