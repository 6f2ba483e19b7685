import type { CyclePoint } from '@tempograd/nn';

/** A series and what is known of it: enough to forecast it and to draw it. */
export interface NamedSeries {
  readonly title: string;
  /** What a value is, with its unit. */
  readonly axis: string;
  /** What a step is, such as month. */
  readonly step: string;
  /** Milliseconds since 1970, in UTC. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** Steps of a season. */
  readonly season: number;
  /** Steps that are forecast, if nothing else is asked for. */
  readonly horizon: number;
  /** Where in the season a time is. */
  readonly calendar: (time: number) => CyclePoint;
  /** The time of the step that comes `steps` after the last. */
  readonly timeAfter: (steps: number) => number;
}
