import { optionTable, type OptionTable } from '@tempograd/core/backend';

/** A table of texts beside what the suite measured, such as speeds. */
export interface ReportTable {
  readonly title: string;
  /** A sentence above it. */
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a page about a comparison says beside it. */
export interface ComparisonPageOptions {
  /** Default: what the suite found. */
  readonly title?: string;
  /** Where and when it was run: names and texts. */
  readonly facts?: readonly (readonly [string, string])[];
  /** Tables of one's own, after those of the suite. */
  readonly tables?: readonly ReportTable[];
}

export const pageOptionsTable: OptionTable = optionTable<ComparisonPageOptions>({
  title: 'string',
  facts: 'array',
  tables: 'array',
});
