import { percent } from '../inspect/findings.js';
import type { Finding, Inspection } from '../inspect/Inspection.js';
import { units } from '../text/unit.js';
import { bold, count, figures, green, red, terminalWidth, wrap, yellow } from './format.js';
import { labelled } from './table.js';

/** An inspection in short, for people. */
export function describeInspection({ model, text, loss, reach, findings }: Inspection): string {
  const { one } = units[model.unit];
  const { 90: most, 99: all } = reach.stepsFor;
  const rows: [string, string][] = [
    ['model', `${model.recurrence}: ${count(model.parameters)} parameters`],
    ['text', `${text.title}, ${count(text.rows)} places, ${count(text.steps)} steps back`],
    ['loss', `${figures(loss.bitsPerItem)} bits per ${one}; ${figures(loss.frequencyBits)} by how often each occurs`],
    ['reach', `90% of the credit lies within ${count(most)} steps, 99% within ${count(all)}`],
    ['chunks', reach.kept.map(({ length, chunks }) => `${length} steps keep ${percent(chunks)}`).join(', ')],
  ];
  const heading = bold(`Gradient health of ${model.file}`);
  return `${heading}\n\n${labelled(rows)}\n\n${findings.map(describeFinding).join('\n')}`;
}

const signs: Readonly<Record<Finding['verdict'], string>> = { good: green('✓'), note: yellow('!'), bad: red('✗') };

function describeFinding({ verdict, title, detail, advice }: Finding): string {
  const lines = wrap(`${detail}${advice === null ? '' : `\n${advice}`}`, terminalWidth() - 4);
  return [`  ${signs[verdict]} ${bold(title)}`, ...lines.map((line) => `    ${line}`)].join('\n');
}
