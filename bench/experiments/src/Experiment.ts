import type { LineChartOptions } from '@tempograd/plot';

/** `small` runs within seconds, for tests and a first look; `full` gives the figures that are kept. */
export type Size = 'small' | 'full';

/** How to run an experiment. */
export interface RunSettings {
  readonly size: Size;
  /** What its random numbers come from. */
  readonly seed: number;
  /** A file to learn from, for experiments on text; Moby Dick where there is none. */
  readonly text?: string;
  /** Told now and then which share of the work is done, 0 to 1, and what is under way. */
  readonly onProgress?: (share: number, what: string) => void;
}

/** Figures as rows of texts; the page of an experiment shows every row of its tables just so. */
export interface Table {
  readonly title: string;
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What is shown of figures. */
export interface Report {
  readonly tables: readonly Table[];
  /** By the names of their files, without ending: the experiment's own name, or one that begins with it. */
  readonly charts: Readonly<Record<string, LineChartOptions>>;
}

/**
 * A result that is known, run again. `F` is plain data, which JSON keeps: its figures, none of them rounded.
 *
 * One folder an experiment, one line in `experiments.ts`, one test of its figures at the small size, and a page of its name in
 * `docs/experiments`.
 */
export interface Experiment<F> {
  /** As the command calls it: `influence-balancing`. */
  readonly name: string;
  /** What it shows, in a line. */
  readonly title: string;
  /** Whether it learns a text, and so another one where it is asked to. */
  readonly readsText?: boolean;
  /** The same settings give the same figures, times and bytes apart. */
  run(settings: RunSettings): Promise<F>;
  /** Whether figures are of what the page is about, and so are kept for it; default is that all are. */
  isOfPage?(figures: F): boolean;
  /** Of figures that were just measured, or kept. */
  report(figures: F): Report;
}
