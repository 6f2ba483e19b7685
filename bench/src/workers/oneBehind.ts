/**
 * Waits for the step before, as `fit` does, so that a device that is not waited for has one step to work on while the next is
 * handed in. Every column on such a device is measured by it, so that none is spared a wait that others have.
 */
export function oneBehind(): (result: Promise<unknown>) => Promise<void> {
  let before: Promise<unknown> = Promise.resolve();
  return async (result) => {
    const earlier = before;
    before = result;
    // Where a step fails, whoever waits for it is told; it may be long until then.
    result.catch(() => undefined);
    await earlier;
  };
}
