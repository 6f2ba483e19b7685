// The built modules, for tests of what needs real worker files.

/** The package's built file as its source's type. */
export async function built<Module>(path: string): Promise<Module> {
  return (await import(new URL(`../../dist/${path}`, import.meta.url).href)) as Module;
}
