import { bestPytorch, liveCells, ratio, shareOfPeak } from './derive.js';
import type { Cell, ResultFile, RowResult } from './ResultFile.js';
import { figure, textTable } from './textTable.js';

/** A figure to reach, by major version of Node. */
interface Target {
  readonly claim: string;
  readonly appliesTo: (row: RowResult) => boolean;
  readonly reached: (result: ResultFile, row: RowResult, ours: Ours) => number;
  readonly wanted: Readonly<Record<number, number>>;
}

/** This library's cells on one Node and one build: with all threads, and with one. */
interface Ours {
  readonly node: number;
  readonly all: Cell;
  readonly one: Cell | null;
}

const ids =
  (...names: string[]) =>
  ({ id }: RowResult): boolean =>
    names.includes(id);
const against =
  (name: string) =>
  (_: ResultFile, row: RowResult, { all, node }: Ours): number => {
    const other = liveCells(row).find(({ column }) => column === `${name}@${node}`);
    return other === undefined ? NaN : ratio(row, all, other);
  };
const againstPytorch = (result: ResultFile, row: RowResult, { all }: Ours): number => {
  const best = bestPytorch(result, row);
  return best === null ? NaN : ratio(row, all, best);
};

const targets: readonly Target[] = [
  {
    claim: '× PyTorch',
    appliesTo: ids('lstm-h128-b32-t50'),
    reached: againstPytorch,
    wanted: { 24: 1.35, 20: 0.8 },
  },
  {
    claim: '× PyTorch',
    appliesTo: ids('gru-h128-b32-t50', 'rnn-h128-b32-t50'),
    reached: againstPytorch,
    wanted: { 24: 2.4, 20: 1.4 },
  },
  {
    claim: '× PyTorch',
    appliesTo: ids('lstm-2x256-b32-t50-e128-v100', 'lstm-h512-b32-t50-e128'),
    reached: againstPytorch,
    wanted: { 24: 1.25, 20: 0.8 },
  },
  {
    claim: '× PyTorch',
    appliesTo: ids('lstm-h256-b128-t200'),
    reached: againstPytorch,
    wanted: { 24: 1.3, 20: 0.8 },
  },
  { claim: '× PyTorch', appliesTo: ids('lstm-h64-b1-t50'), reached: againstPytorch, wanted: { 24: 4, 20: 2.2 } },
  { claim: '× PyTorch', appliesTo: ids('lstm-h64-b1-t1'), reached: againstPytorch, wanted: { 24: 9, 20: 7 } },
  { claim: '× jax-js', appliesTo: ids('lstm-h128-b32-t50'), reached: against('jax-wasm'), wanted: { 24: 15 } },
  { claim: '× tfjs', appliesTo: ids('lstm-h128-b32-t50'), reached: against('tfjs-wasm'), wanted: { 24: 30, 20: 20 } },
  {
    claim: 'of the product kernel’s peak',
    appliesTo: ({ row }) => row.mode === 'train' && row.hidden >= 256 && row.batch >= 32,
    reached: (_, row, { all }) => shareOfPeak(row, all),
    wanted: { 24: 0.95, 20: 0.95 },
  },
  {
    claim: 'two threads over one',
    appliesTo: ids('lstm-h512-b1-t50'),
    reached: (_, row, { all, one }) => (one === null ? NaN : ratio(row, all, one)),
    wanted: { 24: 1.6, 20: 1.6 },
  },
  {
    claim: 'two threads over one',
    appliesTo: ({ row }) => row.mode === 'train' && row.batch >= 32,
    reached: (_, row, { all, one }) => (one === null ? NaN : ratio(row, all, one)),
    wanted: { 24: 1.7, 20: 1.7 },
  },
];

/** What was to be reached, and what was, for the rows and versions of Node that this run has; empty where it has none. */
export function targetTable(result: ResultFile): string {
  const lines = targets.flatMap((target) =>
    result.rows.filter(target.appliesTo).flatMap((row) =>
      oursOf(result, row).flatMap((ours) => {
        const wanted = target.wanted[ours.node];
        const reached = target.reached(result, row, ours);
        if (wanted === undefined || !Number.isFinite(reached)) return [];
        const verdict = reached >= wanted ? 'reached' : 'missed';
        return [[`${row.id} ${ours.all.column}`, target.claim, figure(reached), figure(wanted), verdict]];
      }),
    ),
  );
  return lines.length === 0 ? '' : `\n${textTable([['targets', 'figure', 'is', 'wanted', ''], ...lines])}`;
}

function oursOf({ columns }: ResultFile, row: RowResult): Ours[] {
  const cells = new Map(liveCells(row).map((cell) => [cell.column, cell]));
  const named = columns.flatMap(({ id }) => {
    const parts = /^wasm-(?:(?<build>\w+)-)?(?<threads>\d+)@(?<node>\d+)$/.exec(id)?.groups;
    if (parts === undefined) return [];
    return [{ id, build: parts['build'], threads: Number(parts['threads']), node: Number(parts['node']) }];
  });
  return [...new Set(named.map(({ node }) => node))].flatMap((node) => {
    const here = named.filter((entry) => entry.node === node);
    const builds = new Set(here.map(({ build }) => build));
    return [...builds].flatMap((build) => {
      const settings = here.filter((entry) => entry.build === build).sort((a, b) => b.threads - a.threads);
      const all = cells.get(settings[0]?.id ?? '');
      const one = settings.find(({ threads }) => threads === 1)?.id ?? '';
      return all === undefined ? [] : [{ node, all, one: one === all.column ? null : (cells.get(one) ?? null) }];
    });
  });
}
