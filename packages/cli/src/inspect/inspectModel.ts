import { disposeTree, readGradientByLag, treeLeaves, type Backend } from '@tempograd/core';
import { DataError, type RandomAccessItems, type SequenceModelCarry } from '@tempograd/nn';
import type { TextUnit } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import type { OpenedModel } from '../model/modelFile.js';
import { cellName, describeRecurrence } from '../present/describeRecurrence.js';
import { bits } from '../present/format.js';
import type { Text } from '../text/Text.js';
import { findingsOf } from './findings.js';
import { healthOf, type HealthPlace } from './healthOf.js';
import type { Credit, InspectedModel, Inspection, LossFigures } from './Inspection.js';
import { itemNames } from './itemNames.js';
import { lossByPosition } from './lossByPosition.js';
import { reachOf } from './reach.js';
import { readRows, type Reading } from './Reading.js';

/** What to look at, and how far. */
export interface InspectSettings {
  readonly file: string;
  readonly opened: OpenedModel;
  readonly text: Text;
  readonly backend: Backend;
  /** Steps back over which gradients are looked at. */
  readonly steps: number;
  /** Told what is under way. */
  readonly onPart: (part: string) => void;
}

/** Steps that a model reads first, so that its state is a usual one. */
const warmUp = 50;
/** Rows whose gradients are looked at, side by side. */
const gradientRows = 16;
/** Steps of the credit matrix that is drawn. */
const creditSteps = 60;
/** Lengths of truncation that are looked at. */
const lengths = [10, 20, 25, 35, 50, 75, 100, 150];
/** Multiplications that reading takes at most, and numbers that the rows of the credit matrix hold. */
const [mostWork, mostHeld] = [2e10, 6e7];

/** Measures all of it. @throws Failure for a model or a text of which it cannot be. */
export async function inspectModel(settings: InspectSettings): Promise<Inspection> {
  const begin = performance.now();
  const { file, opened, text, backend, steps, onPart } = settings;
  const { params, vocabulary } = opened;
  requireInspectable(file, opened);
  const size = treeLeaves(params).reduce((sum, leaf) => sum + leaf.size, 0);
  onPart('reading the text');
  const all = await itemsOf(file, text, opened);
  const rows = Math.max(gradientRows, Math.min(256, Math.floor(mostWork / (size * (warmUp + steps)))));
  const reading = await readRows(text.title, all, warmUp + steps, rows);
  const { byPosition, carry } = await lossByPosition(opened, reading, warmUp);
  try {
    const place = { model: opened, reading, carry };
    onPart('gradient by lag');
    const looked = lookedAt(place, Math.min(gradientRows, reading.rows.length), steps);
    const lags = await readGradientByLag(opened.model, params, looked.stretch, { carry: looked.carry });
    onPart('credit matrix');
    const chunk = opened.training?.steps ?? 20;
    const credit = await creditOf(place, Math.max(2, Math.min(creditSteps, steps, Math.floor(mostHeld / size))), chunk);
    onPart('gates and states');
    const health = await healthOf(opened, looked, chunk);
    disposeTree([looked.stretch, looked.carry]);
    const measured = {
      model: describe(file, opened, size),
      text: { title: text.title, length: text.length, rows: reading.rows.length, warmUp, steps },
      backend: backend.name,
      loss: lossFigures(byPosition, reading, vocabulary.size),
      reach: reachOf(
        lags.parameters,
        [...new Set([...lengths, chunk])].filter((length) => length <= steps).sort((a, b) => a - b),
      ),
      credit: {
        ...credit,
        asTrained: opened.training?.steps !== undefined,
        items: itemNames(vocabulary, reading, credit.norms.length, warmUp),
      },
      health,
    };
    return { ...measured, findings: findingsOf(measured), seconds: (performance.now() - begin) / 1000 };
  } finally {
    disposeTree(carry);
  }
}

/** A model, the rows that it reads, and its carry once it has read the first of them. */
interface Place {
  readonly model: OpenedModel;
  readonly reading: Reading;
  readonly carry: SequenceModelCarry;
}

function requireInspectable(file: string, { model }: OpenedModel): void {
  const { bidirectional, pooling } = model.config;
  if (bidirectional)
    throw new Failure(
      `The model ${file} reads in both directions, so that a loss speaks of later steps too: how far back it reaches means nothing.`,
    );
  if (pooling !== 'none')
    throw new Failure(
      `The model ${file} foretells one thing of a whole text, and no item after each; only a model that \`sample\` can write with is inspected.`,
    );
}

/** @throws Failure for a text with items that the model does not know. */
async function itemsOf(file: string, text: Text, { vocabulary }: OpenedModel): Promise<RandomAccessItems> {
  try {
    return await text.items(vocabulary);
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new Failure(
      `The text ${text.title} does not match the model ${file}. ${cause.message} Give a text like the one that the model learnt from.`,
      { cause },
    );
  }
}

/** The rows whose gradients are looked at, after the warm-up; tensors are the caller's. */
function lookedAt({ model: { model }, reading, carry }: Place, rows: number, steps: number): HealthPlace {
  return {
    stretch: reading.stretch(warmUp, warmUp + steps, rows),
    carry: model.takeRows(
      carry,
      Array.from({ length: rows }, (_, row) => row),
    ),
    steps,
    rows,
  };
}

/** The credit matrix of the first row: every loss pulled back, side by side. */
async function creditOf(
  { model: { model, params }, reading, carry: all }: Place,
  time: number,
  chunk: number,
): Promise<Pick<Credit, 'norms' | 'chunk'>> {
  const [stretch, carry] = [reading.stretch(warmUp, warmUp + time, 1), model.takeRows(all, [0])];
  const from = Array.from({ length: time }, (_, s) => s);
  try {
    const { losses } = await readGradientByLag(model, params, stretch, { carry, from });
    const norms = losses.map(({ parameters }, s) => from.map((t) => (t <= s ? (parameters[s - t] ?? 0) : 0)));
    return { norms, chunk };
  } finally {
    disposeTree([stretch, carry]);
  }
}

function lossFigures(byPosition: LossFigures['byPosition'], reading: Reading, vocabulary: number): LossFigures {
  const known = byPosition.filter(({ from }) => from >= warmUp);
  const items = known.reduce((sum, { from, to }) => sum + to - from, 0);
  const bitsPerItem = known.reduce((sum, { from, to, bits: mean }) => sum + (to - from) * mean, 0) / items;
  const counts = new Map<number, number>();
  for (const row of reading.rows) for (const id of row) counts.set(id, (counts.get(id) ?? 0) + 1);
  const all = reading.rows.length * (reading.steps + 1);
  let nats = 0;
  for (const count of counts.values()) nats -= (count / all) * Math.log(count / all);
  return { bitsPerItem, uniformBits: Math.log2(vocabulary), frequencyBits: bits(nats), byPosition };
}

function describe(file: string, { model, vocabulary, training }: OpenedModel, parameters: number): InspectedModel {
  const { cell, layers, hidden } = model.config;
  const kind = typeof cell === 'string' ? cell : 'own cell';
  return {
    file,
    unit: vocabulary.kind as TextUnit,
    recurrence: describeRecurrence(kind, layers, hidden),
    cell: cellName(kind),
    layers,
    hidden,
    vocabulary: vocabulary.size,
    parameters,
    training,
  };
}
