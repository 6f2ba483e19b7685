/** The path of each program, made from the module `<name>.ts` of a folder and the sources that it imports. Call it where hooks are. */
export function programsOf(folder: string, names: readonly string[]): (name: string) => string;
