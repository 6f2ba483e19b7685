import { createInterface } from 'node:readline';
import { answering } from './answering.js';
import type { Engine } from './Engine.js';
import type { Reply, Request } from './protocol.js';

/** Answers requests on standard input until it ends. */
export async function serve(engine: Engine): Promise<void> {
  const answer = answering(engine);
  send({ ready: engine.facts });
  for await (const line of createInterface({ input: process.stdin })) send(await answer(JSON.parse(line) as Request));
}

function send(reply: Reply): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
