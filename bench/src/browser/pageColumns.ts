import type { Column, ColumnKind } from '../columns/Column.js';
import { packageVersion } from '../columns/packageVersion.js';
import { wantedOf } from '../columns/wantedOf.js';
import type { BenchBrowser } from './openBrowser.js';
import { WorkerPage } from './WorkerPage.js';

/** The columns of a browser in the order they take turns, each a page of its own; `only` as for columns that are processes. */
export function pageColumns(browser: BenchBrowser, only: readonly string[]): Column[] {
  const column = (kind: ColumnKind, name: string, engine: string, settings: readonly string[]): Column => ({
    id: `${name}@page`,
    kind,
    fullStep: kind !== 'jax',
    timesProducts: false,
    breaksDown: false,
    start: () => WorkerPage.start(browser, engine, settings),
  });
  const columns = [
    column('tempograd', 'webgpu', 'webgpu', []),
    column('jax', 'jax-webgpu', 'jax', ['webgpu', packageVersion('@jax-js/jax')]),
    column('tfjs', 'tfjs-webgpu', 'tfjs', ['webgpu']),
    column('tfjs', 'tfjs-webgl', 'tfjs', ['webgl']),
  ];
  const wanted = wantedOf(only, columns);
  return columns.filter(({ id }) => wanted(id));
}
