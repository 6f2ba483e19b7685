import { Percentiles } from './Percentiles.js';

/** What a server did in a span of time. */
export class Traffic {
  readonly #since = performance.now();
  /** From a request to the first piece of its text. */
  readonly first: Percentiles = new Percentiles();
  /** From a piece to the next one; the time that a client takes to read it does not count. */
  readonly next: Percentiles = new Percentiles();
  /** Texts that were written to their end. */
  finished = 0;
  /** Texts whose client went away before. */
  left = 0;
  /** Requests that were refused. */
  refused = 0;

  /** One line: how much, and how fast at p50, p95 and p99. */
  line(clients: number): string {
    const seconds = (performance.now() - this.#since) / 1000;
    const rate = Math.round((this.first.count + this.next.count) / seconds).toLocaleString('en');
    return (
      `${clients} clients · ${rate} characters/s · p50 / p95 / p99: per character ${String(this.next)}, to the first ${String(this.first)} · ` +
      `${this.finished} texts, ${this.left} left, ${this.refused} refused`
    );
  }
}
