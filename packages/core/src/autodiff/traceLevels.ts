let open = 0;

/** Runs `fn` with the level of a new innermost differentiation, one more than that of every open one. */
export function withTraceLevel<R>(fn: (level: number) => R): R {
  const level = open++;
  try {
    return fn(level);
  } finally {
    open--;
  }
}
