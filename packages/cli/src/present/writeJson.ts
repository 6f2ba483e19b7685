/** Writes one JSON object on a line of its own to the standard output. */
export function writeJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
