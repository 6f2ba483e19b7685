import { ArgumentError } from '@tempograd/core';
import { describe, expect, test } from 'vitest';
import { monitor, type Finding, type GradientHealth, type MonitoredStep, type MonitorState } from '../../src/index.js';

const byLag = Array.from({ length: 20 }, (_, lag) => 0.3 ** lag);

/** A health in which gradients fade; nothing of the predictions comes from the inputs unless said so. */
function health(update: number, changes: Partial<GradientHealth> = {}): GradientHealth {
  return {
    update,
    finite: true,
    layers: [{ name: 'rnn.l0', steps: null, byTime: null, byLag, saturation: null, dead: null, spectralRadius: null }],
    unseen: [],
    parameters: [{ name: 'w', size: 1, gradient: 1, weight: 1, update: 0.001 }],
    gradientNorm: 1,
    clipping: null,
    informed: 0,
    lyapunov: null,
    cosine: null,
    ...changes,
  };
}

function step(update: number, loss: number, of: GradientHealth | null = null, norm = 1): MonitoredStep {
  return {
    update,
    loss,
    gradientNorm: norm,
    learningRate: 0.01,
    health: of,
    unbiased: false,
    parameterSteps: { from: 0, to: 20 },
  };
}

/** A loss that jitters a little, always the same way. */
const jitter = (update: number, level: number): number => level * (1 + 0.02 * Math.sin(7 * update));

function run(
  watch: ReturnType<typeof monitor>,
  from: number,
  to: number,
  at: (update: number) => MonitoredStep,
): Finding[] {
  return Array.from({ length: to - from + 1 }, (_, index) => watch.see(at(from + index))).flat();
}

test('what helps dead units goes by their cell', () => {
  const adviceFor = (gates: readonly string[]): string | undefined => {
    const saturation = Object.fromEntries(gates.map((gate) => [gate, { low: 0, high: 0 }]));
    const layers = health(1).layers.map((layer) => ({ ...layer, saturation, dead: { count: 7, of: 8 } }));
    const found = run(monitor({ patience: 40 }), 1, 40, (update) =>
      step(update, jitter(update, 0.69), update % 10 === 0 ? health(update, { layers }) : null),
    );
    return found.find(({ kind }) => kind === 'dead')?.advice;
  };
  for (const gates of [
    ['i', 'f', 'g', 'o'],
    ['r', 'z', 'n'],
  ])
    expect(adviceFor(gates)).toBe(
      'Lower the learning rate, begin with smaller weights, scale the inputs (fitScaler), or add layerNorm.',
    );
  expect(adviceFor(['h'])).toMatch(/in place of relu/);
});

describe('a finding', () => {
  const stuck = (update: number): MonitoredStep =>
    step(update, jitter(update, 0.69), update % 10 === 0 ? health(update) : null);
  const learning = (update: number): MonitoredStep =>
    step(
      update,
      jitter(update, 0.69 * 0.99 ** (update - 150)),
      update % 10 === 0 ? health(update, { informed: 0.9 }) : null,
    );

  test('is told once, and once more when it is over', () => {
    const watch = monitor({ patience: 40 });
    const found = run(watch, 1, 150, stuck);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: 'vanishing',
      layer: 'rnn.l0',
      over: false,
      numbers: { reach: 4, lags: 20 },
    });
    expect(found[0]!.since).toBeLessThan(10);
    expect(found[0]!.message).toContain('more than 4 steps back, less than 1% is left');
    expect(watch.findings.map(({ kind }) => kind)).toEqual(['vanishing']);
    const after = run(watch, 151, 300, learning);
    expect(after).toMatchObject([{ kind: 'vanishing', over: true, advice: '', since: found[0]!.since }]);
    expect(watch.findings).toEqual([]);
  });

  test('is the same where a monitor goes on from the state of another, as JSON', () => {
    const whole = run(monitor({ patience: 40 }), 1, 120, stuck);
    for (const at of [1, 39, 60, 119]) {
      const first = monitor({ patience: 40 });
      const before = run(first, 1, at, stuck);
      const resume = JSON.parse(JSON.stringify(first.state())) as MonitorState;
      expect([...before, ...run(monitor({ patience: 40, resume }), at + 1, 120, stuck)], `at ${at}`).toEqual(whole);
    }
  });

  test('needs no health where the loss tells it', () => {
    const still = run(monitor({ patience: 40 }), 1, 120, (update) => step(update, jitter(update, 0.69)));
    expect(still).toMatchObject([{ kind: 'stalled', layer: null }]);
    expect(still[0]!.advice).toContain('further back than 20 steps');
    const rising = run(monitor({ patience: 40 }), 1, 120, (update) =>
      step(update, jitter(update, update < 60 ? 2 * 0.97 ** update : 3)),
    );
    expect(rising).toMatchObject([{ kind: 'diverging' }]);
    const leaping = run(monitor({ patience: 40 }), 1, 120, (update) =>
      step(update, jitter(update, 0.99 ** update), null, update > 90 && update % 5 === 0 ? 500 : 1),
    );
    expect(leaping).toMatchObject([{ kind: 'exploding', layer: null, numbers: { norm: 500, greatest: 1 } }]);
  });

  test('is none where a loss falls, has converged, or is still being warmed up', () => {
    const falling = run(monitor(), 1, 1500, (update) => step(update, jitter(update, 4 * 0.998 ** update + 1)));
    expect(falling).toEqual([]);
    const warm = run(monitor({ patience: 40 }), 1, 200, (update) => ({
      ...step(update, jitter(update, 0.69)),
      learningRate: 1e-5 * update,
    }));
    expect(warm).toEqual([]);
  });

  test('survives numbers that are none, and healths that hold nothing', () => {
    const bare = health(1, { layers: [], parameters: null, informed: null, finite: false });
    const odd = [NaN, Infinity, -1, 0].flatMap((loss) => [
      step(1, loss, bare),
      step(2, loss, health(2, { informed: NaN })),
    ]);
    const watch = monitor({ patience: 10 });
    expect(() => Array.from({ length: 20 }, () => odd.flatMap((each) => watch.see(each)))).not.toThrow();
  });
});

test.each([[undefined], [null], [5], [{}], [{ update: 1, loss: 1 }], [{ ...step(1, 1), health: {} }]])(
  'what is no step is refused: %j',
  (wrong) => {
    expect(() => monitor().see(wrong as never)).toThrow(ArgumentError);
    expect(() => monitor().see(wrong as never)).toThrow('monitor().see: a training step is wanted');
  },
);

test.each([
  [{ patience: 9 }, 'patience must be a whole number of updates ≥ 10, but is 9'],
  [{ patience: NaN }, 'patience must be a whole number'],
  [{ resume: {} }, 'resume must be what the state() of another monitor gave'],
  [{ every: 2 }, 'there is no option "every"'],
])('options that make no sense are refused: %j', (options, message) => {
  expect(() => monitor(options as never)).toThrow(ArgumentError);
  expect(() => monitor(options as never)).toThrow(message);
});
