/** A number in three figures, `0.00412`, `1.2e-9`. */
export function figures(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A share in percent. */
export function percent(share: number): string {
  return `${figures(100 * share)}%`;
}
