import { basename, relative } from 'node:path';

/** A command as the user would write it here, arguments quoted for a shell where they must be. */
export function commandLine(...args: readonly string[]): string {
  return [...invocation(), ...args].map(quoted).join(' ');
}

/** The same for `train`, which in a checkout is behind `npm start`. */
export function trainCommandLine(...args: readonly string[]): string {
  const isStart = process.env['npm_lifecycle_event'] === 'start';
  return isStart ? ['npm start --', ...args.map(quoted)].join(' ') : commandLine('train', ...args);
}

/** How this process was called: through npx, by the installed command's name, else by its file. */
function invocation(): string[] {
  // Where npx runs it, it need not be on the path.
  if (process.env['npm_lifecycle_event'] === 'npx') return ['npx', '@tempograd/cli'];
  const script = process.argv[1] ?? 'tempograd';
  if (basename(script) !== 'main.js') return ['tempograd'];
  const fromHere = relative(process.cwd(), script);
  return ['node', fromHere.startsWith('..') ? script : fromHere];
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
