import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import type { TrainingStep } from '../fit/index.js';
import type { Evidence, Finding, FindingKind } from './Finding.js';
import { clipping } from './judges/clipping.js';
import { dead } from './judges/dead.js';
import { exploding } from './judges/exploding.js';
import { diverging, stalled } from './judges/losses.js';
import { rateTooHigh, rateTooLow } from './judges/rates.js';
import { saturated } from './judges/saturated.js';
import { vanishing } from './judges/vanishing.js';
import { lookAt, type Look } from './Look.js';
import { LossTrace, type LossBlock } from './LossTrace.js';
import { overWords } from './overWords.js';
import { progressOf } from './Progress.js';
import type { Judge, View } from './View.js';

/** How to watch. */
export interface MonitorOptions {
  /** Updates that a training may take to get on before it is said to stand still; default is 100. Fewer judge sooner, and err sooner. */
  readonly patience?: number;
  /** Go on where another one stood: its `state()`. */
  readonly resume?: MonitorState | null;
}

/** Where a monitor stands: plain JSON. */
export interface MonitorState {
  readonly version: 1;
  readonly blocks: readonly LossBlock[];
  readonly per: number;
  readonly looks: readonly Look[];
  readonly first: Look | null;
  readonly cases: readonly Case[];
}

/** Something that was found, or may be about to be. */
interface Case {
  readonly evidence: Evidence;
  /** Whether it was told. */
  readonly told: boolean;
  /** Judgements one after another that spoke for it, until it is told; then those that spoke against it. */
  readonly count: number;
  /** The update of the latest judgement that spoke for it. */
  readonly seen: number;
}

/** What of a training step is looked at. */
export type MonitoredStep = Pick<
  TrainingStep,
  'update' | 'loss' | 'gradientNorm' | 'learningRate' | 'health' | 'unbiased' | 'parameterSteps'
>;

/** Watches a training. */
export interface Monitor {
  /**
   * Looks at a step, and gives what is found to be wrong, or not wrong any more, since the step before: each thing once.
   * @throws ArgumentError for what is no step of `fit`.
   */
  see(step: MonitoredStep): Finding[];
  /** What is wrong now, as it was told. */
  readonly findings: readonly Finding[];
  /** Where it stands, to go on from. */
  state(): MonitorState;
}

const monitorTable = optionTable<MonitorOptions>({ patience: 'number', resume: 'object or null' });

/** What is looked for, and the causes that, once found, leave nothing to say of it. */
const judges: readonly (readonly [judge: Judge, unless: readonly FindingKind[]])[] = [
  [exploding, []],
  [saturated, []],
  [dead, []],
  [clipping, ['exploding']],
  [rateTooHigh, ['exploding']],
  [rateTooLow, ['dead', 'saturated', 'clipping']],
  [vanishing, ['dead', 'saturated', 'clipping', 'rateTooLow', 'rateTooHigh', 'exploding']],
  [diverging, ['exploding', 'rateTooHigh', 'saturated']],
  [stalled, ['exploding', 'saturated', 'dead', 'clipping', 'rateTooHigh', 'rateTooLow', 'vanishing', 'diverging']],
];

/** Judgements one after another that must agree before something is told, and before it is told to be over. */
const agreed = { told: 2, over: 3 };

/** Share of the patience for which nothing must have spoken for a finding before it is over. */
const quietFor = 0.5;

/** Looks that are kept. */
const looksKept = 3;

/**
 * Watches a training, and says what is wrong with it: gradients that vanish or explode, gates at their ends, dead units, clipping that
 * always bites, learning rates that are too high or too low, a loss that rises or stands still. It sees most where `fit` is asked for
 * a `health`, every tenth update, say; losses and norms are judged without. Quiet as long as nothing is wrong.
 * @throws ArgumentError for options that make no sense.
 */
export function monitor(options: MonitorOptions = {}): Monitor {
  checkOptions('monitor', options, monitorTable);
  const { patience = 100, resume = null } = options;
  if (!Number.isSafeInteger(patience) || patience < 10)
    throw new ArgumentError(`monitor: patience must be a whole number of updates ≥ 10, but is ${patience}.`);
  if (resume !== null && (resume.version !== 1 || ![resume.blocks, resume.looks, resume.cases].every(Array.isArray)))
    throw new ArgumentError('monitor: resume must be what the state() of another monitor gave, or null.');
  const trace = new LossTrace(resume ?? {});
  let looks: readonly Look[] = resume?.looks ?? [];
  let first: Look | null = resume?.first ?? null;
  let cases: readonly Case[] = resume?.cases ?? [];

  const isDue = ({ update, health }: MonitoredStep): boolean => {
    if (health !== null) return true;
    // Where healths come seldom, losses are judged in between.
    return update % Math.ceil(patience / 10) === 0 && update - (looks.at(-1)?.update ?? 0) > patience / 5;
  };

  return {
    get findings() {
      return cases
        .filter(({ told }) => told)
        .map(({ evidence }) => ({ ...evidence, over: false, update: trace.updates }));
    },
    see(step) {
      requireStep(step);
      const { update, loss, gradientNorm, learningRate, health, unbiased, parameterSteps } = step;
      trace.add(update, loss, gradientNorm, learningRate);
      if (health !== null) {
        const look = lookAt(health, update);
        looks = [...looks, look].slice(-looksKept);
        first ??= look;
      }
      if (!isDue(step)) return [];
      const view: View = {
        trace,
        progress: progressOf(trace, looks, patience),
        looks,
        first,
        patience,
        truncatedAt: unbiased ? null : parameterSteps.to - parameterSteps.from,
      };
      const judged = judge(view, cases, update);
      ({ cases } = judged);
      return judged.findings;
    },
    state: () => ({ version: 1, blocks: trace.blocks, per: trace.per, looks, first, cases }),
  };
}

function requireStep(step: unknown): void {
  const { update, loss, health, parameterSteps } = (step ?? {}) as Partial<MonitoredStep>;
  const isLookedAt = health === null || Array.isArray(health?.layers);
  if (typeof update === 'number' && typeof loss === 'number' && isLookedAt && parameterSteps !== undefined) return;
  throw new ArgumentError(
    'monitor().see: a training step is wanted, as fit() yields them: for await (const step of fit({ … })) watch.see(step).',
  );
}

function judge(view: View, before: readonly Case[], update: number): { cases: Case[]; findings: Finding[] } {
  const cases: Case[] = [];
  const findings: Finding[] = [];
  const isTold = (kind: FindingKind): boolean =>
    [...cases, ...before].some((each) => each.told && each.evidence.kind === kind);
  for (const [look, unless] of judges) {
    const found = look(view);
    for (const evidence of found) {
      const known = before.find((each) => isSame(each.evidence, evidence));
      if (known?.told === true) {
        const { since } = known.evidence;
        cases.push({ evidence: { ...evidence, since }, told: true, count: 0, seen: update });
        continue;
      }
      const count = (known?.count ?? 0) + 1;
      const told = count >= agreed.told && !unless.some(isTold);
      cases.push({ evidence, told, count: told ? 0 : count, seen: update });
      if (told) findings.push({ ...evidence, over: false, update });
    }
  }
  for (const each of before) {
    if (!each.told || cases.some(({ evidence }) => isSame(evidence, each.evidence))) continue;
    const count = each.count + 1;
    if (count < agreed.over || update - each.seen < quietFor * view.patience) cases.push({ ...each, count });
    else findings.push(overOf(each.evidence, update));
  }
  return { cases, findings };
}

function isSame(a: Evidence, b: Evidence): boolean {
  return a.kind === b.kind && a.layer === b.layer;
}

function overOf({ kind, layer, since, numbers }: Evidence, update: number): Finding {
  return {
    kind,
    layer,
    since,
    update,
    over: true,
    message: overWords[kind](layer === null ? '' : ` in ${layer}`),
    advice: '',
    numbers,
  };
}
