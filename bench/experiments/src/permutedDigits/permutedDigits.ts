import { createBackend } from '@tempograd/backend-wasm';
import { foldInName, key, useBackend } from '@tempograd/core';
import type { SequenceModelConfig } from '@tempograd/nn';
import type { Experiment, Report, RunSettings } from '../Experiment.js';
import { digits, shuffledOrder } from './digits.js';
import { trainOnDigits, type DigitReader, type DigitSettings } from './trainOnDigits.js';

/** What is measured. */
export interface PermutedDigitsFigures {
  /** Steps of a sequence. */
  readonly pixels: number;
  readonly training: number;
  readonly test: number;
  readonly settings: DigitSettings;
  readonly readers: readonly DigitReader[];
}

interface DigitSize extends DigitSettings {
  readonly pool: number;
  /** Pictures of each digit, at most. */
  readonly most: number;
  readonly cells: readonly string[];
}

const cells: Readonly<Record<string, Pick<SequenceModelConfig, 'cell' | 'initialisers'>>> = {
  LSTM: { cell: 'lstm' },
  GRU: { cell: 'gru' },
  RNN: { cell: 'rnnTanh', initialisers: { recurrent: 'orthogonal', bias: 'zeros' } },
};

const sizes: Readonly<Record<RunSettings['size'], DigitSize>> = {
  small: { pool: 4, most: 50, cells: ['GRU'], hidden: 24, batch: 20, epochs: 8, every: 40, learningRate: 0.02 },
  full: {
    pool: 4,
    most: Infinity,
    cells: Object.keys(cells),
    hidden: 48,
    batch: 16,
    epochs: 8,
    every: 500,
    learningRate: 0.004,
  },
};

/** Digits read pixel by pixel, in their order and in another: see docs/experiments/permuted-digits.md. */
export const permutedDigits: Experiment<PermutedDigitsFigures> = {
  name: 'permuted-digits',
  title: 'handwritten digits, read pixel by pixel, by rows and in a fixed other order',
  async run({ size, seed, onProgress }: RunSettings): Promise<PermutedDigitsFigures> {
    const backend = await createBackend({ build: 'simd', threads: 1 });
    useBackend(backend);
    const { pool, most, cells: names, ...settings } = sizes[size];
    const pixels = (28 / pool) ** 2;
    const orders = [
      ['by rows', await digits(pool, most)],
      ['permuted', await digits(pool, most, shuffledOrder(foldInName(key(seed), 'order'), pixels))],
    ] as const;
    const readers: DigitReader[] = [];
    const runs = names.flatMap((cell) => orders.map(([order, data]) => ({ cell, order, data })));
    for (const [at, { cell, order, data }] of runs.entries()) {
      const onUpdate = (share: number): void => onProgress?.((at + share) / runs.length, `${cell}, ${order}`);
      const trained = await trainOnDigits(cells[cell] ?? {}, data, settings, seed, onUpdate);
      readers.push({ cell, order, ...trained });
    }
    backend.dispose?.();
    const { training, test } = orders[0][1];
    return { pixels, training: training.length, test: test.length, settings, readers };
  },
  report,
};

function report({ pixels, test, settings, readers }: PermutedDigitsFigures): Report {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  return {
    tables: [
      {
        title: `Share of ${test} pictures that are told right, after ${settings.epochs} epochs; 10 % by guessing`,
        heading: ['cell', 'pixels', 'parameters', 'told right'],
        rows: readers.map(({ cell, order, parameters, looks }) => [
          cell,
          order,
          String(parameters),
          percent((looks.at(-1) as readonly [number, number])[1]),
        ]),
      },
    ],
    charts: {
      'permuted-digits': {
        title: `Digits read pixel by pixel, ${pixels} steps`,
        x: { label: 'update' },
        y: { label: 'told right, %' },
        series: readers.map(({ cell, order, looks }) => ({
          name: `${cell}, ${order}`,
          points: looks.map(([update, share]) => [update, 100 * share] as const),
          dashed: order === 'permuted',
        })),
      },
    },
  };
}
