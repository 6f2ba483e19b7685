import type { Finding } from '@tempograd/nn';
import { count, dim, green, terminalWidth, wrap, yellow } from './format.js';

/** What a monitor has found of a training, for people. */
export function describeFinding({ over, since, update, message, advice }: Finding): string {
  const when = over ? `Over at update ${count(update)}` : `Since update ${count(since)}`;
  const told = wrap(`${when}: ${message}`, terminalWidth()).join('\n');
  if (over) return `${green(told)}\n`;
  return `${yellow(told)}\n${dim(wrap(`What may help: ${advice}`, terminalWidth()).join('\n'))}\n`;
}
