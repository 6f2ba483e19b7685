import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' };

/** What makes a page cross-origin isolated. */
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface Server {
  readonly url: string;
  close(): void;
}

/** Serves the files of a folder as they are, with these headers; `rewrite` may change a text on its way. */
export async function serve(
  folder: string,
  headers: Readonly<Record<string, string>>,
  rewrite: (text: string, path: string) => string = (text) => text,
): Promise<Server> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    try {
      const text = rewrite(await readFile(join(folder, path), 'utf8'), path);
      response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'text/plain', ...headers });
      response.end(text);
    } catch {
      response.writeHead(404, headers).end();
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() };
}
