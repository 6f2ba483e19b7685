/** The command-line arguments that Chromium is started with. */
export function chromiumArguments(): string[];

/** The path of a Chromium on this machine, if there is one. @throws Error if `CHROMIUM_PATH` names no file */
export function findChromium(): string | undefined;
