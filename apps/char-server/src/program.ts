import { Command, InvalidArgumentError } from 'commander';
import { load, type LoadOptions } from './load.js';
import { serve, type ServeOptions } from './serve.js';

/** The program: serves by default; `load` sees how a server does under load. */
export function program(): Command {
  const command = new Command('char-server')
    .description('Serve a character model over HTTP, to a thousand clients at once.')
    .showSuggestionAfterError();
  command
    .command('serve', { isDefault: true })
    .description('serve a page, and texts at /generate?prompt=…')
    .option('-m, --model <file>', 'a model, as `npm start` saves it', 'moby-dick.safetensors')
    .option('--host <host>', 'where to listen; 0.0.0.0 lets other machines in', '127.0.0.1')
    .option('-p, --port <n>', '0 chooses one that is free', whole(0), 8080)
    .option('--max-clients <n>', 'texts written at the same time; more are told to come again', whole(1), 2000)
    .option('--max-prompt <n>', 'characters of a prompt', whole(1), 1000)
    .option('--max-length <n>', 'characters of a text', whole(1), 10_000)
    .action((options: ServeOptions) => serve(options));
  command
    .command('load')
    .description('ask a running server for many texts at once, and say how long their characters took')
    .option('-u, --url <url>', 'the server', 'http://127.0.0.1:8080')
    .option('-c, --clients <n>', 'texts at the same time', whole(1), 1000)
    .option('-n, --length <n>', 'characters of each', whole(1), 200)
    .action((options: LoadOptions) => load(options));
  return command;
}

function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
  };
}
