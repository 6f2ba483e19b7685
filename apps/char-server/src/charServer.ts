import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { TempogradError } from '@tempograd/core';
import type { Predictor } from '@tempograd/nn';
import { BadRequest, readWish, type Limits } from './readWish.js';
import { streamText } from './streamText.js';
import { Traffic } from './Traffic.js';

/** Milliseconds that a client may neither read nor write. */
const patience = 60_000;

/** A server of texts, and what it does. */
export interface CharServer {
  readonly http: Server;
  /** Texts that are being written now. */
  readonly clients: number;
  /** Since the server was made. */
  readonly total: Traffic;
  /** Since this was called before. */
  lately(): Traffic;
}

/** What every answer says: that nobody keeps it, and that it is what it is said to be. */
const headers = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/**
 * Serves a page at `/`, and texts at `/generate`, character by character. All that are written at the same time are steps of one
 * batch, which the predictor sees to.
 */
export function charServer(predict: Predictor, limits: Limits): CharServer {
  const page = readFileSync(join(import.meta.dirname, '../page/index.html'));
  const total = new Traffic();
  let recent = new Traffic();
  let clients = 0;

  async function generate(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const begun = performance.now();
    if (clients >= limits.clients) {
      response.setHeader('Retry-After', '5');
      throw new BadRequest(`${limits.clients} texts are being written already. Try again in a moment.`, 503);
    }
    const { seed, options } = readWish(query, limits);
    const pieces = predict.generate(options);
    clients++;
    try {
      response.writeHead(200, { ...headers, 'Content-Type': 'text/plain; charset=utf-8', 'X-Seed': seed });
      await streamText(pieces, response, () => [total, recent], begun);
    } finally {
      clients--;
    }
  }

  async function answer({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (method !== 'GET') throw new BadRequest('This server answers GET alone.', 405);
    const [path = '', query = ''] = url.split('?', 2);
    if (path === '/generate') return generate(new URLSearchParams(query), response);
    if (path !== '/') throw new BadRequest(`There is no ${path} here; there are / and /generate.`, 404);
    response.writeHead(200, { ...headers, 'Content-Type': 'text/html; charset=utf-8' }).end(page);
  }

  function refuse(error: unknown, response: ServerResponse): void {
    for (const each of [total, recent]) each.refused++;
    // In the middle of a text nothing but its end can tell.
    if (response.headersSent) return void response.destroy();
    const known = error instanceof BadRequest || error instanceof TempogradError;
    if (!known) console.error(error);
    const status = error instanceof BadRequest ? error.status : known ? 400 : 500;
    const message = known ? error.message : 'Something went wrong here; the server has written down what.';
    response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
  }

  const http = createServer((request, response) => {
    response.setTimeout(patience, () => response.destroy());
    answer(request, response).catch((error: unknown) => refuse(error, response));
  });
  return {
    http,
    get clients() {
      return clients;
    },
    total,
    lately() {
      const before = recent;
      recent = new Traffic();
      return before;
    },
  };
}
