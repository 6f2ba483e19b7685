/** How long a test may take, in milliseconds: long enough that a busy machine is not taken for a fault, short enough to end a hang. */
export const patience = { testTimeout: 300_000, hookTimeout: 300_000 };
