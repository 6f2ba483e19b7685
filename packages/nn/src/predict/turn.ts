/** Longest that the event loop is kept without a turn, in milliseconds. */
const longestMs = 8;

let lastTurn = 0;

/** Whether the event loop has had no turn for so long that a page or a server would be felt to hang. */
export function turnIsDue(): boolean {
  return performance.now() - lastTurn > longestMs;
}

/** Lets the event loop do all that waits for it: timers, input, drawing. */
export async function nextTurn(): Promise<void> {
  const { setImmediate = setTimeout } = globalThis as unknown as { setImmediate?: (done: () => void) => unknown };
  await new Promise<void>((resolve) => setImmediate(resolve));
  lastTurn = performance.now();
}
