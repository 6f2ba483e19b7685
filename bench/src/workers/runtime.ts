/** What runs this: Node, or a browser. */
export function runtime(): string {
  if (typeof process === 'object' && process.versions?.node) return `Node ${process.versions.node}`;
  return (
    /\w*Chrome\/[\d.]+|Firefox\/[\d.]+|Version\/[\d.]+ Safari/.exec(navigator.userAgent)?.[0] ?? navigator.userAgent
  );
}
