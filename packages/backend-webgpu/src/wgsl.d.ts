/** A shader's text, what it includes put in; the build writes such a module beside the code for each `.wgsl` file. */
declare module '*.wgsl.js' {
  const code: string;
  export default code;
}
