import { truncationMask } from '@tempograd/core';
import { creditPicture, healthPictures, lineChart } from '@tempograd/plot';
import { units } from '../../text/unit.js';
import type { Inspection } from '../Inspection.js';

/** The pictures of a page, each null where there is nothing to draw. */
export interface PagePictures {
  readonly byLag: string | null;
  readonly byTime: string | null;
  readonly kept: string;
  readonly credit: string;
  readonly loss: string;
  readonly saturation: string | null;
  readonly parameters: string | null;
}

/** Narrow enough to be read on a phone. */
const width = 460;

export function pagePictures(inspection: Inspection): PagePictures {
  const { byLag, byTime, saturation, parameters } = healthPictures(inspection.health, {
    lengths: [25, 50, 100],
    width,
  });
  return {
    byLag,
    byTime,
    kept: keptPicture(inspection),
    credit: matrixPicture(inspection),
    loss: lossPicture(inspection),
    saturation,
    parameters,
  };
}

function matrixPicture({ credit: { norms, chunk, items, asTrained } }: Inspection): string {
  const time = norms.length;
  const mask = truncationMask({ time, updateEvery: chunk, backwardSteps: chunk });
  return creditPicture(norms, {
    mask,
    strategy: `chunks of ${chunk} steps${asTrained ? ', as it was trained' : ''}`,
    subtitle: 'What the loss at step s says of the parameters as used at step t',
    labels: items,
    width: 560,
  });
}

function keptPicture({ reach: { byLag }, credit: { chunk } }: Inspection): string {
  const total = byLag.reduce((sum, norm) => sum + norm, 0);
  let [within, sum] = [0, 0];
  const steps: [number, number][] = [];
  const chunks: [number, number][] = [];
  for (const [lag, norm] of byLag.entries()) {
    within += norm / total;
    sum += within;
    steps.push([lag + 1, within]);
    chunks.push([lag + 1, sum / (lag + 1)]);
  }
  return lineChart({
    title: 'What a truncation keeps',
    subtitle: 'Share of the credit, by the length of the truncation',
    x: { label: 'length, in steps' },
    y: { label: 'share kept', range: [0, 1] },
    series: [
      { name: 'each loss looks so far back', points: steps },
      { name: 'chunks of this length', points: chunks },
    ],
    rules: chunk < byLag.length ? [{ x: chunk, label: `${chunk} steps` }] : [],
    width,
    height: 240,
  });
}

function lossPicture({ loss: { byPosition, frequencyBits }, model: { unit } }: Inspection): string {
  const { one } = units[unit];
  return lineChart({
    title: 'Loss by what was read before',
    subtitle: 'A mean over places of the text that the model read from the beginning',
    x: { label: `${one}s read before`, log: true },
    y: { label: `bits per ${one}` },
    // In the middle of its piece, on a scale on which 0 has no place.
    series: [
      {
        name: 'loss',
        points: byPosition.map(({ from, to, bits }) => [Math.sqrt((from + 0.5) * (to - 0.5 || 0.5)), bits]),
      },
    ],
    rules: [{ y: frequencyBits, label: `guessing by how often each ${one} occurs` }],
    width: 540,
    height: 250,
  });
}
