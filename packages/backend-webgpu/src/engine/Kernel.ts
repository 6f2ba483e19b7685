// Packages that read these sources do not include the declaration by themselves.
// oxlint-disable-next-line typescript/triple-slash-reference -- it declares modules, and is none
/// <reference path="../wgsl.d.ts" />

/** How a shader uses one of its storage buffers. */
export type Access = 'read' | 'write';

/** A compute shader with one entry point, `main`, and what it is bound to. */
export interface Kernel {
  /** As in error messages. */
  readonly name: string;
  /** WGSL. Binding 0 of group 0 is `var<uniform> params`, at most 256 bytes; the storage buffers follow from binding 1 on. */
  readonly code: string;
  /** Of the storage buffers, in order. A buffer that is written (`read_write`) is not bound a second time. */
  readonly bindings: readonly Access[];
  /** Sets of types that the aliases which the code leaves open stand for; the first is that of variants which name none. */
  readonly types?: readonly Readonly<Record<string, string>>[];
  /** Sets of values of its `override`s that depend on one another, for the build, which makes a pipeline of each. */
  readonly constants?: readonly Readonly<Record<string, number>>[];
}

/** A kernel made for certain constants: values of its `override`s, and of its open type aliases. */
export interface Variant {
  readonly constants?: Readonly<Record<string, number>>;
  readonly types?: Readonly<Record<string, string>>;
}

/** The whole text of a variant's shader. */
export function shaderText(kernel: Kernel, types: Readonly<Record<string, string>> = kernel.types?.[0] ?? {}): string {
  const aliases = Object.entries(types).map(([name, type]) => `alias ${name} = ${type};\n`);
  const half = Object.values(types).some((type) => type.includes('f16'));
  return `${half ? 'enable f16;\n' : ''}${aliases.join('')}${kernel.code}`;
}
