import { countedItems, units } from '../text/unit.js';
import { commandLine } from './commandLine.js';
import { describePlan } from './describePlan.js';
import { bold, bytes, count, counted, dim, duration, figures, green, red, terminalWidth, wrap } from './format.js';
import { describeFinding } from './describeFinding.js';
import { shownHealth } from './healthLine.js';
import { liveProgress } from './liveProgress.js';
import { shownProgress, shownReading } from './progressLine.js';
import { labelled } from './table.js';
import type { Milestone, Stopped, TrainSummary, TrainView } from './TrainView.js';

/** Lines of a sample that are shown on the way. */
const sampleLines = 3;

/** A training shown to people: on a terminal with a bar, else in lines. `resumeCommand` goes on with it. */
export function trainTerminal(resumeCommand: string): TrainView {
  const live = liveProgress();
  let stopping = false;
  let training = false;
  return {
    note: (text) => live.print(wrap(text, terminalWidth()).join('\n')),
    reading(reading) {
      if (stopping) return;
      live.update(shownReading(reading));
      if (reading.bytes === reading.of) live.stop();
    },
    plan: (plan) => live.print(describePlan(plan)),
    progress(progress) {
      training = true;
      if (!stopping) live.update(shownProgress(progress));
    },
    health(health) {
      if (!stopping) live.below(shownHealth(health));
    },
    finding: (finding) => live.print(describeFinding(finding)),
    milestone: (milestone) => live.print(describeMilestone(milestone)),
    unsaved({ checkpoint, reason, again }) {
      // It may last for hours.
      if (again) return;
      const text = `${checkpoint} could not be written: ${reason}. The training goes on, and tries again with its next checkpoint.`;
      live.print(`\n${red(wrap(text, terminalWidth()).join('\n'))}\n`);
    },
    stopping() {
      stopping = true;
      live.stop();
      const text = training
        ? 'Stopping after this update. Ctrl-C again, a second later, quits without saving.'
        : 'Stopping, before anything is trained.';
      live.print(`\n${wrap(text, terminalWidth()).join('\n')}`);
    },
    stopped: (stopped) => live.print(describeStopped(stopped, resumeCommand)),
    done(summary) {
      live.stop();
      live.print(describeSummary(summary, resumeCommand));
    },
    close: () => live.stop(),
  };
}

/** A sample as a block of lines, set in. */
function sampleBlock(sample: string, lines: number = Infinity): string {
  return wrap(sample.trim().replaceAll(/\n\s*\n+/g, '\n'), terminalWidth() - 4)
    .slice(0, lines)
    .map((line) => `  ${line}`)
    .join('\n');
}

function describeMilestone({ unit, update, updates, heldOutBitsPerItem, sample }: Milestone): string {
  const title =
    heldOutBitsPerItem === null
      ? update === 0
        ? 'What it writes before training'
        : 'What it writes so far'
      : `After ${Math.round((100 * update) / updates)}% · ${heldOutBitsPerItem.toFixed(2)} bits per ${units[unit].one} on held-out text`;
  return `${dim(wrap(title, terminalWidth()).join('\n'))}\n${sampleBlock(sample, sampleLines)}\n`;
}

/** What was kept of a training that was stopped, and how to go on. */
export function describeStopped({ update, updates, checkpoint }: Stopped, resumeCommand: string): string {
  if (checkpoint === null) return 'Stopped before the first update; there is nothing to save.';
  const kept = `Stopped after ${counted(update, 'update')} of ${count(updates)}. All of it is kept in ${checkpoint}`;
  return `${wrap(kept, terminalWidth()).join('\n')}\nGo on, as if it had never stopped:\n\n  ${bold(resumeCommand)}\n`;
}

/** What the model makes of the held-out text: bits per item, and what else says how good that is. */
function describeHeldOut({
  unit,
  heldOutItems,
  heldOutBitsPerItem,
  heldOutBitsPerCharacter,
  heldOutUnknown,
}: TrainSummary): string {
  const perItem = `${heldOutBitsPerItem.toFixed(3)} bits per ${units[unit].one}`;
  const over = `over all ${countedItems(heldOutItems, unit)} held out`;
  if (unit === 'characters') return `${perItem}, ${over}`;
  const perplexity = unit === 'words' ? `, a perplexity of ${figures(2 ** heldOutBitsPerItem)}` : '';
  const perCharacter =
    heldOutBitsPerCharacter === null ? '' : `, ${heldOutBitsPerCharacter.toFixed(3)} bits per character`;
  const unknown =
    heldOutUnknown === 0
      ? ''
      : `; ${figures((100 * heldOutUnknown) / heldOutItems)}% of them are unknown words, whose spelling it does not foretell, so that there is no figure per character`;
  return `${perItem}${perplexity}${perCharacter}, ${over}${unknown}`;
}

function describeSummary(summary: TrainSummary, resumeCommand: string): string {
  const { unit, updates, itemsSeen, passes, seconds } = summary;
  const { peakBytes, model, modelBytes, sample, verdict } = summary;
  const rows: [string, string][] = [
    ['held out', describeHeldOut(summary)],
    [
      'trained',
      `${counted(updates, 'update')}, ${countedItems(itemsSeen, unit)} (${passes.toFixed(1)} times through the text), in ${duration(seconds)}`,
    ],
    ['memory', `${bytes(peakBytes)} at the highest`],
    ['model', `${model} (${bytes(modelBytes)})`],
    ['write', commandLine('sample', model)],
    ['learn on', resumeCommand],
  ];
  if (verdict === 'by heart') {
    rows.push([
      'note',
      'it knows its text, but on the held-out end it is worse than guessing: that may be of another kind',
    ]);
  }
  const title = verdict === 'diverged' ? red(bold('Ended, having learnt nothing.')) : green(bold('Trained.'));
  return `${title} What it writes now:\n\n${sampleBlock(sample)}\n\n${labelled(rows)}`;
}
