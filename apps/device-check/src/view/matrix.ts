import { columnTitle, formatError, type ComparedField, type Comparison } from '@tempograd/conformance/report';
import { html, nothing, type TemplateResult } from 'lit-html';
import { groupTitles } from './groupTitles.js';

/** A field of the table: an op on a backend. */
export interface FieldPlace {
  readonly op: string;
  /** The index of its column. */
  readonly column: number;
}

/** What the table needs beside the figures. */
export interface MatrixSettings {
  readonly failuresOnly: boolean;
  /** The field that the tabulator key comes to; null for the first. */
  readonly current: FieldPlace | null;
  readonly open: (place: FieldPlace) => void;
}

/** Ops down, backends across: the error that comes closest to its tolerance, and the path taken. Arrow keys move, a tap opens. */
export function matrix({ columns, rows }: Comparison, settings: MatrixSettings): TemplateResult {
  const shown = settings.failuresOnly
    ? rows.filter(({ fields }) => fields.some((field) => (field?.failed ?? 0) > 0))
    : rows;
  const groups = [...new Set(shown.map(({ group }) => group))];
  const first = shown.flatMap(({ op, fields }) =>
    fields.flatMap((field, column) => (field === null ? [] : { op, column })),
  )[0];
  const isShown = shown.some(({ op, fields }) => op === settings.current?.op && fields[settings.current.column]);
  const current = isShown ? settings.current : (first ?? null);
  return html`<div class="wide">
    <table class="matrix" role="grid" aria-labelledby="matrix-title" @keydown=${moveFocus}>
      <thead class="hidden">
        <tr>
          <th scope="col">op</th>
          ${columns.map((column) => html`<th scope="col">${columnTitle(column)}</th>`)}
        </tr>
      </thead>
      ${groups.map(
        (group) =>
          html`<tbody>
            <tr class="group">
              <th scope="rowgroup">${groupTitles[group]}</th>
              ${columns.map((column) => html`<td aria-hidden="true">${columnTitle(column)}</td>`)}
            </tr>
            ${shown
              .filter((row) => row.group === group)
              .map(
                ({ op, fields }) =>
                  html`<tr data-op=${op}>
                    <th scope="row">${breakable(op)}</th>
                    ${columns.map((_, column) => cell(fields[column] ?? null, { op, column }, current, settings.open))}
                  </tr>`,
              )}
          </tbody>`,
      )}
    </table>
  </div>`;
}

function cell(
  field: ComparedField | null,
  place: FieldPlace,
  current: FieldPlace | null,
  open: (place: FieldPlace) => void,
): TemplateResult {
  if (field === null) return html`<td class="none"></td>`;
  const isCurrent = current?.op === place.op && current.column === place.column;
  const { path, deviating, failed, worst } = field;
  const hint = failed > 0 ? 'failed' : worst === null ? 'passes' : `passes, of ${formatError(worst.tolerance)} allowed`;
  return html`<td class=${shadeOf(field)}>
    <button type="button" tabindex=${isCurrent ? 0 : -1} @click=${() => open(place)} data-column=${place.column}>
      <span>${figureOf(field)}</span><span class="hidden">${hint}</span>
      <small
        >${path.replace(', ', ' + ')}${deviating > 0 ? html`${path === '' ? nothing : ' '}≠ ${deviating}` : nothing}</small
      >
    </button>
  </td>`;
}

function figureOf({ failed, worst }: ComparedField): string {
  if (failed > 0) return `✗ ${failed}`;
  return worst === null ? 'exact' : formatError(worst.error).replace('e-', 'e−');
}

/** The class of a field by the share of its tolerance that the error uses; those of the report. */
export function shadeOf({ failed, worst }: ComparedField): string {
  if (failed > 0) return 'failed';
  if (worst === null || worst.error === 0) return 's0';
  const share = worst.error / worst.tolerance;
  return share < 0.01 ? 's1' : share < 0.1 ? 's2' : share < 0.5 ? 's3' : 's4';
}

/** A name in camel case that may be broken before its capitals. */
function breakable(name: string): (string | TemplateResult)[] {
  return name.split(/(?=[A-Z])/).map((part, index) => (index === 0 ? part : html`<wbr />${part}`));
}

const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Moves to the next field in the direction of the key; fields without cases are passed over. */
function moveFocus(event: KeyboardEvent): void {
  const step = steps[event.key];
  const from = (event.target as Element).closest('td');
  if (step === undefined || from === null) return;
  event.preventDefault();
  const table = event.currentTarget as HTMLTableElement;
  const lines = [...table.querySelectorAll<HTMLTableRowElement>('tr[data-op]')];
  let [line, column] = [lines.indexOf(from.parentElement as HTMLTableRowElement), from.cellIndex];
  for (;;) {
    line += step[0];
    column += step[1];
    const target = lines[line]?.cells[column];
    if (target === undefined) return;
    const button = target.querySelector('button');
    if (button === null) continue;
    for (const each of table.querySelectorAll('td button[tabindex="0"]')) each.setAttribute('tabindex', '-1');
    button.setAttribute('tabindex', '0');
    button.focus();
    return;
  }
}
