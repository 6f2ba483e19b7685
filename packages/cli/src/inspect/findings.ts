import type { GradientHealth } from '@tempograd/nn';
import { count, counted, figures } from '../present/format.js';
import { units } from '../text/unit.js';
import type { Finding, Inspection, LossFigures } from './Inspection.js';

type Measured = Omit<Inspection, 'findings' | 'seconds'>;

/** What is to be said of a model, what is wrong first. */
export function findingsOf(measured: Measured): Finding[] {
  const all = [
    numbers(measured),
    learnt(measured),
    context(measured),
    fading(measured),
    truncation(measured),
    ...gates(measured.health),
    dead(measured.health),
    stability(measured.health),
  ].filter((finding) => finding !== null);
  const order = { bad: 0, note: 1, good: 2 };
  return all.sort((a, b) => order[a.verdict] - order[b.verdict]);
}

function numbers({ health, reach, loss }: Measured): Finding | null {
  if (health.finite && reach.byLag.every(Number.isFinite) && Number.isFinite(loss.bitsPerItem)) return null;
  return {
    verdict: 'bad',
    title: 'Numbers that are none',
    detail: 'A loss, a gradient or a parameter is NaN or infinite: the training diverged.',
    advice: 'Train again with a lower learning rate, and gradients clipped by their norm.',
  };
}

function learnt({ loss, model }: Measured): Finding | null {
  const { bitsPerItem, frequencyBits, uniformBits } = loss;
  if (!Number.isFinite(bitsPerItem)) return null;
  const { one } = units[model.unit];
  const detail = `It costs ${figures(bitsPerItem)} bits a ${one}; guessing by how often each ${one} occurs would cost ${figures(frequencyBits)}, guessing evenly ${figures(uniformBits)}.`;
  if (bitsPerItem > uniformBits) {
    return {
      verdict: 'bad',
      title: 'Worse than guessing',
      detail,
      advice: 'It was trained on something else, or it diverged.',
    };
  }
  if (bitsPerItem > 0.97 * frequencyBits) {
    return {
      verdict: 'bad',
      title: 'It has learnt how often, and no order',
      detail,
      advice: 'Train it for longer; a higher learning rate may help, too.',
    };
  }
  return { verdict: 'good', title: 'It has learnt this text', detail, advice: null };
}

function context({ loss, model }: Measured): Finding | null {
  const { byPosition } = loss;
  const { one } = units[model.unit];
  if (byPosition.length < 4 || !byPosition.every(({ bits }) => Number.isFinite(bits))) return null;
  const falling = fallingFit(byPosition);
  const [first, last] = [falling[0] as number, falling.at(-1) as number];
  if (first - last < 0.05 * first) {
    const read = byPosition.at(-1)?.from ?? 0;
    return {
      verdict: 'note',
      title: 'What it has read before hardly helps',
      detail: `Its first ${one} costs ${figures(first)} bits, one after ${count(read)} others ${figures(last)}.`,
      advice: 'Train for longer; where the text has long dependencies, with longer chunks.',
    };
  }
  const settled = falling.findIndex((bits) => bits < last + 0.03 * (first - last) + 0.02);
  const enough = Math.max(1, byPosition[settled]?.from ?? 1);
  return {
    verdict: 'good',
    title: `Context helps, up to about ${counted(enough, one)}`,
    detail: `The loss falls from ${figures(first)} to ${figures(last)} bits a ${one} as it reads, and after about ${count(enough)} hardly any further.`,
    advice: null,
  };
}

/** The figures by position that lie nearest to those measured and never rise: what rises is noise. By pooling of neighbours. */
function fallingFit(pieces: LossFigures['byPosition']): number[] {
  const pools: { mean: number; weight: number; pieces: number }[] = [];
  for (const { from, to, bits } of pieces) {
    let pool = { mean: bits, weight: to - from, pieces: 1 };
    for (let before = pools.at(-1); before !== undefined && before.mean < pool.mean; before = pools.at(-1)) {
      pools.pop();
      const weight = before.weight + pool.weight;
      const mean = (before.weight * before.mean + pool.weight * pool.mean) / weight;
      pool = { mean, weight, pieces: before.pieces + pool.pieces };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ mean, pieces: size }) => new Array<number>(size).fill(mean));
}

function fading({ reach, text }: Measured): Finding | null {
  const { decay, stepsFor, byLag } = reach;
  if (!Number.isFinite(decay)) return null;
  const half = Math.log(0.5) / Math.log(decay);
  const end = (byLag.at(-1) as number) / (byLag[0] as number);
  if (decay > 1.002 || end > 1) {
    return {
      verdict: 'bad',
      title: 'Gradients grow as they go back',
      detail: `By ${figures((decay - 1) * 100)}% a step on the whole; over ${count(text.steps)} steps to ${figures(end)} times.`,
      advice: 'Clip by the global norm, start from orthogonal recurrent weights, or train with a lower learning rate.',
    };
  }
  const detail = `It halves about every ${counted(Math.max(1, Math.round(half)), 'step')} on the whole, and 99% of the credit lies within ${counted(stepsFor[99], 'step')}.`;
  if (stepsFor[99] >= 0.9 * text.steps) {
    return {
      verdict: 'note',
      title: 'Gradients reach further than was looked at',
      detail: `After ${count(text.steps)} steps they have not faded.`,
      advice: `Look further: --steps ${text.steps * 2}.`,
    };
  }
  if (stepsFor[99] < 8) {
    return {
      verdict: 'note',
      title: 'Gradients vanish within a few steps',
      detail,
      advice:
        'What depends on more cannot be learnt so. An LSTM or GRU, a forget gate that starts open (forgetBias 1, or chrono for long dependencies) and orthogonal recurrent weights carry further.',
    };
  }
  return { verdict: 'good', title: `Gradients fade, and reach ${counted(stepsFor[99], 'step')}`, detail, advice: null };
}

function truncation({ reach, credit, model, health: { cosine } }: Measured): Finding | null {
  const { kept, stepsFor } = reach;
  const chunk = credit.chunk;
  const own = shareInChunks(reach.byLag, chunk);
  if (!Number.isFinite(own)) return null;
  const enough = kept.find(({ length, chunks }) => length > chunk && chunks >= 0.9);
  const verb = credit.asTrained ? `Chunks of ${chunk} steps, as it was trained,` : `Chunks of ${chunk} steps`;
  const direction =
    cosine === null || !Number.isFinite(cosine)
      ? ''
      : ` The cosine between their gradient and the full one is ${figures(cosine)}.`;
  const detail = `${verb} keep ${percent(own)} of the credit; ${stepsFor[95]} steps back from each loss would keep 95%.${direction}`;
  const verdict = verdictOnTruncation(own, cosine);
  if (verdict === 'good') return { verdict, title: 'Truncation costs little', detail, advice: null };
  const { one } = units[model.unit];
  return {
    verdict,
    title: `Truncation at ${chunk} steps cuts ${percent(1 - own)} of the credit`,
    detail,
    advice:
      enough === undefined
        ? 'Try longer chunks (--steps); what lies beyond those looked at is not known.'
        : `Chunks of ${enough.length} ${one}s keep ${percent(enough.chunks)}: --steps ${enough.length}; or updates that look further back than they are apart (backwardSteps above updateEvery).`,
  };
}

/** Where it is known, the direction counts: what is cut off may point anywhere, and most of it cancels out. */
function verdictOnTruncation(kept: number, cosine: number | null): Finding['verdict'] {
  const measure =
    cosine === null || !Number.isFinite(cosine)
      ? { is: kept, good: 0.9, note: 0.75 }
      : { is: cosine, good: 0.98, note: 0.9 };
  return measure.is >= measure.good ? 'good' : measure.is >= measure.note ? 'note' : 'bad';
}

/** What chunks keep, losses at their beginning and end alike. */
function shareInChunks(byLag: readonly number[], chunk: number): number {
  const total = byLag.reduce((sum, norm) => sum + norm, 0);
  let [sum, within] = [0, 0];
  for (let steps = 0; steps < chunk; steps++) {
    within += byLag[steps] ?? 0;
    sum += within / total;
  }
  return sum / chunk;
}

function gates({ layers }: GradientHealth): Finding[] {
  return layers.flatMap(({ name, saturation }): Finding[] => {
    if (saturation === null) return [];
    // A forget gate that is open keeps what it knows, and the gradient with it.
    const stuck = Object.entries(saturation).filter(
      ([gate, { low, high }]) => (gate === 'f' ? low : low + high) > 2 / 3,
    );
    if (stuck.length === 0) return [];
    const list = stuck.map(([gate, { low, high }]) => `${gate} ${percent(low + high)}`).join(', ');
    return [
      {
        verdict: 'note',
        title: `Gates of ${name} lie at their ends`,
        detail: `Share of values that are all but shut or open: ${list}. There next to no gradient passes to what sets them.`,
        advice: 'A lower learning rate, weight decay or layer norm keeps gates where they can move.',
      },
    ];
  });
}

function dead({ layers }: GradientHealth): Finding | null {
  const found = layers.flatMap(({ name, dead: units_ }) =>
    units_ === null || units_.count === 0 ? [] : [{ name, ...units_ }],
  );
  const [units_, all] = found.reduce(([a, b], each) => [a + each.count, b + each.of], [0, 0]);
  if (units_ === 0) return null;
  return {
    verdict: units_ > 0.1 * all ? 'bad' : 'note',
    title: `${counted(units_, 'unit')} never move`,
    detail: found.map((each) => `${each.count} of ${each.of} in ${each.name}`).join(', '),
    advice:
      'They take time and learn nothing: a lower learning rate, or another start of the weights, keeps them alive.',
  };
}

function stability({ lyapunov, layers }: GradientHealth): Finding | null {
  const exponent = lyapunov?.[0];
  const radii = layers.flatMap(({ spectralRadius }) => spectralRadius ?? []);
  if (exponent === undefined || !Number.isFinite(exponent)) return null;
  const radius =
    radii.length === 0 ? '' : ` The spectral radius of the state's Jacobian is ${radii.map(figures).join(' and ')}.`;
  if (exponent > 0.01) {
    return {
      verdict: 'note',
      title: 'Small changes of the state grow',
      detail: `By a factor e every ${figures(1 / exponent)} steps (leading Lyapunov exponent ${figures(exponent).replace('-', '−')}).${radius}`,
      advice: 'Gradients over long stretches explode: clip them, and do not go further back than the credit reaches.',
    };
  }
  return {
    verdict: 'good',
    title: 'The state is stable',
    detail: `Small changes of it shrink, by a factor e every ${figures(-1 / Math.min(-1e-9, exponent))} steps (leading Lyapunov exponent ${figures(exponent).replace('-', '−')}).${radius}`,
    advice: null,
  };
}

/** `97%`; near all `99.8%`. */
export function percent(share: number): string {
  const value = share * 100;
  return `${share > 0.99 && share < 1 ? Math.floor(value * 10) / 10 : Math.round(value)}%`;
}
