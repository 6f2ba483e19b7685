import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ownCell, rowCells, type Row } from '../grid/Row.js';
import type { Breakdown, ColumnFacts } from '../workers/Engine.js';
import type { ColumnKind, SkippedColumn } from '../columns/Column.js';

/** One column's slice of one round. */
export interface Slice {
  readonly round: number;
  readonly steps: number;
  readonly seconds: number;
  /** Speed of a large product right after it, in the columns that time products. */
  readonly productGflops?: number | undefined;
  /** Processor time that others than the column took meanwhile, on all cores; absent where the system does not say. */
  readonly otherSeconds?: number | undefined;
}

/** What was measured of one column on one row; all of it raw. */
export interface Cell {
  readonly column: string;
  /** Why there are no slices, else null. */
  readonly skipped: string | null;
  readonly parameters: number;
  /** Of the first steps. */
  readonly losses: readonly number[];
  readonly slices: readonly Slice[];
  /** Most memory the process had resident during the row. */
  readonly peakBytes: number | null;
  readonly breakdown: Breakdown | null;
}

/** A row with its cells, in the order of the columns. */
export interface RowResult {
  readonly id: string;
  readonly row: Row;
  readonly flopsPerStep: number;
  readonly cells: readonly Cell[];
}

/** A column that ran. */
export interface ColumnResult {
  readonly id: string;
  readonly kind: ColumnKind;
  readonly fullStep: boolean;
  readonly facts: ColumnFacts;
}

/** The machine and what else it was doing. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  /** The widest vectors it has, such as `AVX-512`; absent where the system does not say, and in older files. */
  readonly vectors?: string | undefined;
  readonly loadBefore: number;
  readonly loadAfter: number;
}

/** A run of the bench, as it is kept. */
export interface ResultFile {
  readonly format: 'tempograd-bench';
  readonly version: 1;
  readonly date: string;
  readonly commit: string | null;
  readonly machine: Machine;
  readonly settings: { readonly secondsPerSlice: number; readonly rounds: number; readonly stepLimitSeconds: number };
  readonly flopFormula: string;
  readonly columns: readonly ColumnResult[];
  readonly skippedColumns: readonly SkippedColumn[];
  readonly rows: readonly RowResult[];
}

const count = z.number().int().nonnegative();
const time = z.number().nonnegative();

const cell = z.strictObject({
  column: z.string(),
  skipped: z.string().nullable(),
  parameters: count,
  losses: z.array(z.number()),
  slices: z.array(
    z.strictObject({
      round: count,
      steps: count,
      seconds: time,
      productGflops: time.optional(),
      otherSeconds: time.optional(),
    }),
  ),
  peakBytes: count.nullable(),
  breakdown: z.strictObject({ step: time, parts: z.record(z.string(), z.number()) }).nullable(),
});

const row = z.strictObject({
  mode: z.enum(['train', 'infer']),
  cell: z.enum([...rowCells, ownCell]),
  layers: count,
  hidden: count,
  batch: count,
  time: count,
  vocabulary: count,
  embedding: count,
});

/** What a result file must look like. */
export const resultFileSchema: z.ZodType<ResultFile> = z.strictObject({
  format: z.literal('tempograd-bench'),
  version: z.literal(1),
  date: z.string(),
  commit: z.string().nullable(),
  machine: z.strictObject({
    cpu: z.string(),
    cores: count,
    memoryBytes: count,
    system: z.string(),
    vectors: z.string().optional(),
    loadBefore: time,
    loadAfter: time,
  }),
  settings: z.strictObject({ secondsPerSlice: time, rounds: count, stepLimitSeconds: time }),
  flopFormula: z.string(),
  columns: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.enum(['tempograd', 'adapter', 'pytorch', 'tfjs', 'jax']),
      fullStep: z.boolean(),
      facts: z.strictObject({
        runtime: z.string(),
        version: z.string(),
        details: z.record(z.string(), z.string()),
      }),
    }),
  ),
  skippedColumns: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
  rows: z.array(z.strictObject({ id: z.string(), row, flopsPerStep: time, cells: z.array(cell) })),
});

/** Reads an earlier run. @throws Error saying where the file is not one. */
export function readResultFile(path: string): ResultFile {
  const parsed = resultFileSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new Error(`${path} is not a result file of this bench: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
