import type { Comparison } from '@tempograd/conformance/report';
import { comparisonTable } from './comparisonTable.js';
import { describeFailures, shownFailures } from './describeReport.js';
import { bold, count, counted, dim, duration, green, red, terminalWidth, wrap } from './format.js';
import { labelled } from './table.js';

/** Several backends beside each other: failures first, a table op × backend of errors and paths, each backend's verdict. */
export function describeComparison(comparison: Comparison): string {
  const { deviations, oracle, seed, backends } = comparison;
  return [
    ...failuresOfEach(comparison),
    ...deviations.flatMap(({ name, dtype, backend, deviation }) =>
      wrap(`≠ ${name} (${dtype}) on ${backend}: ${deviation ?? ''}`, terminalWidth() - 2).map((line) => `  ${line}`),
    ),
    ...(deviations.length === 0 ? [] : ['']),
    ...(backends.length === 0 ? [] : [comparisonTable(comparison, terminalWidth()), '', ...legend(comparison), '']),
    labelled(verdicts(comparison)),
    '',
    `${verdict(comparison)}${dim(` · against ${oracle}, seed ${seed}`)}`,
  ].join('\n');
}

/** As many failures in all as of one backend alone, and some of each that fails. */
function failuresOfEach({ backends, failures }: Comparison): string[] {
  const failing = backends.filter(({ failed }) => failed > 0);
  const shown = Math.ceil(shownFailures / failing.length);
  return failing.flatMap(({ name }) =>
    describeFailures(
      failures.filter(({ backend }) => backend === name),
      shown,
    ),
  );
}

function verdict({ conforms, backends, unchecked }: Comparison): string {
  if (backends.length === 0) return red(bold('No backend was checked'));
  if (conforms)
    return green(bold(backends.length === 1 ? 'The backend conforms' : `All ${backends.length} backends conform`));
  const failing = [
    ...backends.filter(({ failed }) => failed > 0),
    ...unchecked.filter(({ status }) => status === 'does not start'),
  ];
  if (failing.length === 0) return red(bold('Stopped before the end'));
  return red(bold(`Not every backend conforms: ${failing.map(({ name }) => name).join(', ')}`));
}

function legend({ rows, columns, deviations, failures }: Comparison): string[] {
  const paths = new Set(rows.flatMap(({ fields }) => fields.map((field) => field?.path ?? '')));
  const both = paths.has('composed, fused') ? ', cf both, by case' : '';
  const words = [
    'Errors: of each op the one that comes closest to its tolerance, of values and of gradients',
    columns.some(({ dtype }) => dtype !== 'f32') ? ', in f32 unless said.' : '.',
    ' exact: nothing may be off; –: no such case.',
    paths.size > 1 ? ` Path taken: f a fused op, c composed of required ops${both}.` : '',
    failures.length > 0 ? ' ✗: so many cases fail, of jvps, memory and paths in the third place.' : '',
    deviations.length > 0 ? ' ≠: deviates on purpose.' : '',
  ];
  return wrap(words.join(''), terminalWidth()).map(dim);
}

function verdicts({ backends, unchecked }: Comparison): [string, string][] {
  return [
    ...backends.map(({ name, passed, failed, deviates, left, milliseconds }): [string, string] => {
      const all = counted(passed + failed + deviates, 'case');
      const time = duration(milliseconds / 1000);
      const apart =
        (deviates === 0 ? '' : `, ${counted(deviates, 'case')} deviating on purpose`) +
        (left === 0 ? '' : `, then answered no more: ${counted(left, 'case')} not run`);
      return [
        name,
        failed === 0 ? `conforms: ${all} in ${time}${apart}` : `fails: ${count(failed)} of ${all}, in ${time}${apart}`,
      ];
    }),
    ...unchecked.map(({ name, status, detail }): [string, string] => [name, `${status}: ${detail}`]),
  ];
}
