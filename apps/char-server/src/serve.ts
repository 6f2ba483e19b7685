import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createBackend } from '@tempograd/backend-wasm';
import { useBackend } from '@tempograd/core';
import { charServer, type CharServer } from './charServer.js';
import { openModel } from './openModel.js';
import type { Limits } from './readWish.js';
import { Refusal } from './Refusal.js';

/** How to serve. */
export interface ServeOptions {
  readonly model: string;
  readonly host: string;
  readonly port: number;
  readonly maxClients: number;
  readonly maxPrompt: number;
  readonly maxLength: number;
}

/** Milliseconds from one line on the traffic to the next. */
const interval = 10_000;

/** Serves a model until the program is told to end, with a line on the traffic now and then and at the end. */
export async function serve({ model, host, port, maxClients, maxPrompt, maxLength }: ServeOptions): Promise<void> {
  const backend = await createBackend();
  try {
    useBackend(backend);
    const limits: Limits = { clients: maxClients, prompt: maxPrompt, length: maxLength };
    const server = charServer(await openModel(model), limits);
    await listen(server, host, port);
    const { address, family, port: chosen } = server.http.address() as AddressInfo;
    console.log(`http://${family === 'IPv6' ? `[${address}]` : address}:${chosen} writes with ${model}`);
    const lines = setInterval(() => {
      const lately = server.lately();
      if (lately.first.count + lately.next.count + lately.refused > 0) console.log(lately.line(server.clients));
    }, interval);
    await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
    clearInterval(lines);
    console.log(`In all: ${server.total.line(server.clients)}`);
    server.http.close();
    server.http.closeAllConnections();
    await once(server.http, 'close');
  } finally {
    backend.dispose?.();
  }
}

async function listen({ http }: CharServer, host: string, port: number): Promise<void> {
  try {
    // A thousand clients may come in one instant: those beyond the queue would try again only after seconds.
    http.listen({ port, host, backlog: 4096 });
    await once(http, 'listening');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? `port ${port} is taken` : String(cause);
    throw new Refusal(`Cannot serve at ${host}: ${reason}. Choose another with --port.`, { cause });
  }
}
