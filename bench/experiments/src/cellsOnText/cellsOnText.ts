import { createBackend } from '@tempograd/backend-wasm';
import { useBackend } from '@tempograd/core';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { cells, hiddenFor } from './equalSizes.js';
import { heldOutText, type TextFacts } from './HeldOutText.js';
import { trainCell, type Look, type TextSettings, type TrainedCell } from './trainCell.js';

/** What is measured. */
export interface CellsOnTextFigures {
  readonly text: TextFacts;
  readonly settings: TextSettings;
  /** The held-out loss of whoever knows no more than how often each character comes. */
  readonly blind: number;
  readonly cells: readonly TrainedCell[];
  /** Seconds that all of them had, and the losses by then, in the order of the cells. */
  readonly equalTime: { readonly seconds: number; readonly losses: readonly number[] };
}

interface TextSize extends TextSettings {
  readonly parameters: number;
  readonly characters?: number;
}

const sizes: Readonly<Record<RunSettings['size'], TextSize>> = {
  small: {
    parameters: 12_000,
    characters: 30_000,
    embedding: 16,
    batch: 8,
    steps: 16,
    updates: 150,
    every: 50,
    learningRate: 0.01,
  },
  full: { parameters: 215_000, embedding: 64, batch: 16, steps: 32, updates: 3000, every: 300, learningRate: 0.004 },
};

const names: Readonly<Record<string, string>> = { lstm: 'LSTM', gru: 'GRU', rnnTanh: 'RNN' };

/** Three cells of as many parameters on one text: see docs/experiments/cells-on-text.md. */
export const cellsOnText: Experiment<CellsOnTextFigures> = {
  name: 'cells-on-text',
  readsText: true,
  title: 'held-out loss of LSTM, GRU and RNN with as many parameters',
  async run({ size, seed, text: file, onProgress }: RunSettings): Promise<CellsOnTextFigures> {
    // One thread: its processor time tells more than the clock where other programs run beside it.
    const backend = await createBackend({ build: 'simd', threads: 1 });
    useBackend(backend);
    const { parameters, characters, ...settings } = sizes[size];
    const text = await heldOutText(file, characters);
    const trained: TrainedCell[] = [];
    for (const [at, cell] of cells.entries()) {
      const config = { cell, vocabulary: text.vocabulary.size, embedding: settings.embedding };
      const onUpdate = (update: number): void =>
        onProgress?.((at + update / settings.updates) / cells.length, names[cell] as string);
      trained.push(
        await trainCell({ ...config, hidden: hiddenFor(parameters, config) }, text, settings, seed, onUpdate),
      );
    }
    backend.dispose?.();
    return { text: text.facts, settings, blind: text.blind, cells: trained, equalTime: atEqualTime(trained) };
  },
  isOfPage: ({ text }) => text.sha256 === tinyShakespeare,
  report,
};

/** The text that the page is about. */
const tinyShakespeare = '86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed';

/** What each cell had come to when the first of them was through. */
function atEqualTime(trained: readonly TrainedCell[]): CellsOnTextFigures['equalTime'] {
  const seconds = Math.min(...trained.map(({ looks }) => looks.at(-1)?.seconds ?? 0));
  return { seconds, losses: trained.map(({ looks }) => lossAt(looks, seconds)) };
}

/** The held-out loss at a time, on the line between the looks before and after it. */
function lossAt(looks: readonly Look[], seconds: number): number {
  const after = looks.findIndex((look) => look.seconds >= seconds);
  const [to, from] = [looks[after] as Look, looks[after - 1] as Look];
  if (after <= 0) return to.heldOut;
  return from.heldOut + ((to.heldOut - from.heldOut) * (seconds - from.seconds)) / (to.seconds - from.seconds);
}

function report({ text, settings, blind, cells: trained, equalTime }: CellsOnTextFigures): Report {
  const { updates, batch, steps } = settings;
  return {
    tables: [
      {
        title: `Nats a character on the last tenth of ${text.name}, ${text.characters} characters; ${blind.toFixed(3)} by frequencies alone`,
        heading: [
          'cell',
          'hidden',
          'parameters',
          `after ${updates} updates`,
          `after ${equalTime.seconds.toPrecision(3)} s`,
          'characters a second',
        ],
        rows: trained.map(({ cell, hidden, parameters, looks }, at) => {
          const { heldOut, seconds } = looks.at(-1) as Look;
          return [
            names[cell] as string,
            String(hidden),
            String(parameters),
            heldOut.toFixed(3),
            (equalTime.losses[at] as number).toFixed(3),
            String(Math.round((updates * batch * steps) / seconds)),
          ];
        }),
      },
    ],
    charts: {
      'cells-on-text': {
        title: `Held-out loss by update, ${text.name}`,
        x: { label: 'update' },
        y: { label: 'nats a character' },
        series: trained.map(({ cell, looks }) => ({
          name: names[cell] as string,
          points: looks.map(({ update, heldOut }) => [update, heldOut] as const),
        })),
      },
      'cells-on-text-time': {
        title: `Held-out loss by processor time, ${text.name}`,
        x: { label: 'seconds' },
        y: { label: 'nats a character' },
        series: trained.map(({ cell, looks }) => ({
          name: names[cell] as string,
          points: looks.map(({ seconds, heldOut }) => [seconds, heldOut] as const),
        })),
      },
    },
  };
}
