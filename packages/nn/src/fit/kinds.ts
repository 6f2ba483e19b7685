import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable, type ObjectKind } from '@tempograd/core/backend';
import type { Clip } from './FitOptions.js';

/** What the options of training have in common, by what an object of each kind can do. */
export const taskKind: ObjectKind = {
  wanted: 'a task, such as charModel({ … })',
  members: ['initialCarry', 'forward', 'loss'],
};
export const dataKind: ObjectKind = {
  wanted: 'a source of data, such as sequences(list, { batch }) or contiguousStreams(text, { … })',
  members: ['open'],
};
export const paramsKind: ObjectKind = { wanted: 'a tree of tensors, such as model.init(key(1))', members: [] };
export const strategyKind: ObjectKind = {
  wanted: 'a strategy, such as truncatedBptt({ … })',
  members: ['start', 'updateEvery'],
};
export const optimiserKind: ObjectKind = {
  wanted: 'an optimiser, such as adam({ … })',
  members: ['init', 'update', 'learningRate'],
};

export const signalKind: ObjectKind = {
  wanted: 'the signal of an AbortController',
  members: ['aborted', 'addEventListener'],
};

const clipTable = optionTable<{ readonly norm?: number; readonly value?: number }>({ norm: 'number', value: 'number' });

/** @throws ArgumentError unless the bound is one number above 0, by either name. */
export function checkClip(of: string, clip: Clip | null): void {
  if (clip === null) return;
  checkOptions(of, clip, clipTable, 'clip');
  const { norm, value } = clip as { readonly norm?: number; readonly value?: number };
  if (norm !== undefined && value !== undefined)
    throw new ArgumentError(`${of}: clip has both norm and value; leave one of them out.`);
  const bound = norm ?? value;
  if (bound === undefined || !(bound > 0)) {
    throw new ArgumentError(
      `${of}: clip must be { norm } or { value } with a number above 0, but is ${bound === undefined ? 'neither' : bound}.`,
    );
  }
}
