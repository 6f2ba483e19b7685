/** Tells of a column's name whether it is wanted: `webgpu` is that column, and not `tfjs-webgpu` too; `tfjs` is all that are called so. */
export function wantedOf(parts: readonly string[], all: readonly { readonly id: string }[]): (id: string) => boolean {
  const names = (id: string, part: string): boolean => id === part || id.startsWith(`${part}@`);
  const whole = new Set(parts.filter((part) => all.some(({ id }) => names(id, part))));
  return (id) => parts.length === 0 || parts.some((part) => (whole.has(part) ? names(id, part) : id.includes(part)));
}
