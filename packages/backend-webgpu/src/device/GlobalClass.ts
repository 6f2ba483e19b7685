/**
 * The class of WebGPU of this name, where the types of the project know WebGPU; else any object. Public declarations name
 * classes so, since many projects know none: those for Node alone, and pages on TypeScript 5 without `@webgpu/types`.
 */
export type GlobalClass<Name extends string> =
  typeof globalThis extends Record<Name, { prototype: infer Instance }> ? Instance : object;
