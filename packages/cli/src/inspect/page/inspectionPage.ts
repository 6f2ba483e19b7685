import { count, counted, duration, figures } from '../../present/format.js';
import { units } from '../../text/unit.js';
import { percent } from '../findings.js';
import type { Inspection } from '../Inspection.js';
import { escape, figure, finding, page, section, table, tile } from './parts.js';
import { pageStyle } from './pageStyle.js';
import { pagePictures } from './pictures.js';

/** An inspection as one page of HTML that needs nothing else. */
export function inspectionPage(inspection: Inspection): string {
  const { model, findings } = inspection;
  const pictures = pagePictures(inspection);
  return page(
    `Gradient health of ${model.file}`,
    pageStyle,
    `<header>
<p class="kicker">Gradient health</p>
<h1>${escape(model.file)}</h1>
<p class="lead">${escape(lead(inspection))}</p>
<div class="tiles">${tiles(inspection)}</div>
</header>
<section><h2>What stands out</h2><ul class="findings">${findings.map(finding).join('')}</ul></section>
${section(
  'How far gradients reach',
  'A loss speaks of the states before it, more faintly the further back they are. What lies beyond the length of a truncation is not learnt from.',
  `<div class="grid">${figure(pictures.byLag)}${figure(pictures.kept)}</div>`,
)}
${section('The credit matrix', matrixWords, `<div class="beside">${figure(pictures.credit)}${keptTable(inspection)}</div>`)}
${section(
  'What context is worth',
  'The more of a text a model has read, the better it foretells what comes, as far as its memory reaches.',
  `<div class="beside">${figure(pictures.loss)}${facts(inspection)}</div>`,
)}
${section(
  'Gates, states and parameters',
  gateWords(inspection),
  `<div class="grid">${figure(pictures.saturation)}${figure(pictures.parameters)}${figure(pictures.byTime)}${layerTable(inspection)}</div>`,
)}
${footer(inspection)}`,
  );
}

const matrixWords =
  'Every way of going back through time is a mask on this matrix. Its rows are losses, its columns the steps at which parameters were used; the line is what a truncation keeps, and what lies outside it is faded.';

function lead({ model, text }: Inspection): string {
  const { one } = units[model.unit];
  const trained =
    model.training === null
      ? ''
      : ` Trained on ${model.training.text} in ${counted(model.training.updates, 'update')}, to ${figures(model.training.bitsPerItem)} bits per ${one} held out.`;
  return (
    `${article(model.recurrence)} ${model.recurrence} that reads ${one}s: ${count(model.parameters)} parameters, ${count(model.vocabulary)} different ${one}s.${trained}` +
    ` Looked at on ${text.title}, ${count(text.steps)} steps back.`
  );
}

/** An LSTM, a GRU; nothing before a number. */
function article(noun: string): string {
  return /^\d/.test(noun) ? '' : /^(LSTM|[aeio])/i.test(noun) ? 'An' : 'A';
}

function tiles({ loss, model, reach, credit, health }: Inspection): string {
  const { short, one } = units[model.unit];
  const half = Math.log(0.5) / Math.log(reach.decay);
  const own = reach.kept.find(({ length }) => length === credit.chunk);
  const exponent = health.lyapunov?.[0];
  return [
    tile(
      'Loss',
      figures(loss.bitsPerItem),
      `bits/${short}`,
      `${figures(loss.frequencyBits)} by how often each ${one} occurs`,
    ),
    tile('Credit reaches', count(reach.stepsFor[99]), 'steps', `for 99%; ${count(reach.stepsFor[90])} for 90%`),
    half > 0 && Number.isFinite(half)
      ? tile(
          'Gradients halve in',
          figures(half),
          'steps',
          `by ${figures((1 - reach.decay) * 100)}% a step on the whole`,
        )
      : tile('Gradients grow', figures((reach.decay - 1) * 100), '% a step', 'on the whole, as they go back'),
    ...(own === undefined
      ? []
      : [
          tile(
            'Truncation keeps',
            percent(own.chunks).replace('%', ''),
            '%',
            `in chunks of ${own.length} steps${health.cosine === null ? '' : `; cosine with the full gradient ${figures(health.cosine)}`}`,
          ),
        ]),
    ...(exponent === undefined
      ? []
      : [
          tile(
            'Lyapunov exponent',
            String(Number(exponent.toPrecision(2))).replace('-', '−'),
            '/step',
            exponent > 0 ? 'small changes grow' : 'small changes shrink',
          ),
        ]),
  ].join('');
}

function keptTable({ reach: { kept }, credit: { chunk } }: Inspection): string {
  const rows = kept.map(({ length, steps, chunks }) => [`${length} steps`, percent(steps), percent(chunks)]);
  return table(['truncated at', 'each loss looks so far back', 'chunks of this length'], rows, `${chunk} steps`);
}

/** The model in figures. */
function facts({ model, text }: Inspection): string {
  const { one } = units[model.unit];
  const { training } = model;
  const rows: [string, string][] = [
    ['cell', model.recurrence],
    ['parameters', count(model.parameters)],
    [`${one}s`, `${count(model.vocabulary)} different`],
    ...(training === null
      ? []
      : ([
          ['trained on', training.text],
          ['updates', count(training.updates)],
          ...(training.steps === undefined ? [] : [['chunks', `${training.steps} steps`] as [string, string]]),
          [`${one}s seen`, count(training.itemsSeen)],
          ['held out', `${figures(training.bitsPerItem)} bits per ${one}`],
        ] as [string, string][])),
    ['looked at on', `${text.title}, ${counted(text.rows, 'place')}`],
  ];
  const entries = rows.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`);
  return `<div class="card"><dl>${entries.join('')}</dl></div>`;
}

const gateNames: Readonly<Record<string, string>> = {
  LSTM: ' i is the input gate, f the forget gate, g what is added, o the output gate; a forget gate that is open is what lets a memory last.',
  GRU: ' r is the reset gate, z the update gate, n what is new; an update gate that is open is what lets a memory last.',
};

function gateWords({ model: { cell } }: Inspection): string {
  return `A gate that is all but shut or open passes next to no gradient to what sets it.${gateNames[cell] ?? ''}`;
}

function layerTable({ health: { layers } }: Inspection): string {
  if (layers.every(({ spectralRadius, dead }) => spectralRadius === null && dead === null)) return '';
  const shown = (value: number | null): string => (value === null ? '–' : figures(value));
  return table(
    ['layer', 'spectral radius of the state’s Jacobian', 'units that never move'],
    layers.map(({ name, spectralRadius, dead }) => [
      name,
      shown(spectralRadius),
      dead === null ? '–' : `${dead.count} of ${dead.of}`,
    ]),
  );
}

function footer({ text, backend, seconds, model }: Inspection): string {
  const { one } = units[model.unit];
  return `<footer><p>${escape(
    `Made by tempograd inspect in ${duration(seconds)} on ${backend}. Read were ${counted(text.rows, 'place')} spread over the end of the text ` +
      `(${count(text.length)} ${one}s), ${text.warmUp} steps before anything was looked at. Credit is the norm of the gradient that one loss gives to the ` +
      `parameters as used at one step; shares are of the sum of these norms over ${count(text.steps)} steps.`,
  )}</p></footer>`;
}
