import type { AdvisedTask, StrategyChoice } from './Advice.js';
import { chunks, windows } from './choices.js';

/** What is known of a task without a model. */
export interface Description {
  readonly task: AdvisedTask | null;
  /** Steps of a sequence; Infinity for a stream without end, null where nothing is said. */
  readonly sequenceLength: number | null;
  /** Steps that a forecast must look back over, such as a season. */
  readonly horizon: number | null;
  /** The furthest dependency, in steps. */
  readonly longestDependency: number | null;
  readonly orderMatters: boolean;
}

/** A rule's answer. */
export interface Ruled {
  readonly choice: StrategyChoice;
  readonly reasons: readonly string[];
}

/** Below this whole sequences are cheap, and exact. */
const shortSequence = 50;
/** From here on even the upper rules of thumb are a small part of a sequence. */
const longSequence = 500;

/** Lengths of truncation that are usual for a kind of task, from short sequences to long ones, and why. */
const ranges: Readonly<
  Record<Exclude<AdvisedTask, 'timeSeries'>, { readonly least: number; readonly most: number; readonly why: string }>
> = {
  characters: {
    least: 50,
    most: 100,
    why: 'a word is five or six characters, so that this is ten to twenty words of context',
  },
  words: { least: 20, most: 35, why: 'this is a sentence or two' },
  speech: { least: 20, most: 50, why: 'at 10 ms a frame this is a syllable or two' },
  video: { least: 16, most: 32, why: 'frames are large, and this is about a second' },
};

/** The method and its lengths by rules of thumb. */
export function ruleFor(description: Description): Ruled {
  const { task, horizon } = description;
  const length = description.sequenceLength ?? Infinity;
  if (length < shortSequence) {
    return {
      choice: { name: 'fullBptt' },
      reasons: [
        `Sequences of ${counted(length)} are short: whole ones cost little memory, and their gradient is exact. Truncation would only lose some of it.`,
      ],
    };
  }
  if (task === 'timeSeries' && horizon !== null) return byHorizon(horizon, length);
  if (task !== null && task !== 'timeSeries') return byTask(task, length);
  return byLength(length);
}

function byTask(task: Exclude<AdvisedTask, 'timeSeries'>, length: number): Ruled {
  const { least, most, why } = ranges[task];
  const steps = length < longSequence ? least : most;
  if (steps >= length) return wholeInstead(steps, length);
  return {
    choice: chunks(steps),
    reasons: [
      `For ${task} ${least} to ${most} steps back are usual: ${why}. ${
        length < longSequence
          ? 'Sequences are not long, so the lower end is taken'
          : 'Sequences are long, so the upper end is taken'
      }: ${steps}.`,
      chunkReason,
    ],
  };
}

function byHorizon(horizon: number, length: number): Ruled {
  if (2 * horizon >= length) return wholeInstead(2 * horizon, length);
  return {
    choice: windows(horizon, 2 * horizon),
    reasons: [
      `A forecast has to look back over its horizon, ${counted(horizon)}: with an update every ${horizon} and ${2 * horizon} back every loss sees at least that far.`,
    ],
  };
}

function byLength(length: number): Ruled {
  const [least, most] = length < longSequence ? [20, 50] : [50, 100];
  const steps = Math.max(least, Math.min(most, Math.round(length / 10)));
  return {
    choice: chunks(steps),
    reasons: [
      length < longSequence
        ? `Sequences of ${length} steps are worth cutting: ${least} to ${most} steps back keep most of the gradient, and updates are more frequent. A tenth of the length, within that: ${steps}.`
        : `${length === Infinity ? 'Without an end to the sequence' : `With sequences of ${length} steps`} truncation is needed: ${least} to ${most} steps back are usual for an LSTM, which carries what it knows further than its gradient goes: ${steps}.`,
      chunkReason,
    ],
  };
}

function wholeInstead(steps: number, length: number): Ruled {
  return {
    choice: { name: 'fullBptt' },
    reasons: [
      `${counted(steps)} back would be right, and a sequence has only ${length}: whole ones are exact and cost no more.`,
    ],
  };
}

const chunkReason =
  'Chunks that do not overlap are the cheapest, one step back for each step forward; their losses see half of that on average. The carry crosses their ends with its value.';

/** `1 step`, `12 steps`. */
export function counted(steps: number): string {
  return `${steps} step${steps === 1 ? '' : 's'}`;
}
