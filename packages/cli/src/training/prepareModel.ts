import { disposeTree, foldInName, keep, key as keyOf, scope, useBackend, type Backend } from '@tempograd/core';
import type { SequenceModel, SequenceModelParams } from '@tempograd/nn';
import { openBackend } from '../backends/openBackend.js';
import { readText } from '../text/readText.js';
import { corpusOf, type Corpus } from './corpus.js';
import { modelOf, requireWords } from './modelOf.js';
import { fitBatch, settingsFor, type TrainSettings } from './settings.js';
import { startingParams } from './startingParams.js';

/** What the user says of a training that is looked at before it is run. */
export interface PreparedRequest extends Partial<TrainSettings> {
  readonly text?: string;
  readonly backend?: string;
}

/** A model and its text, as a training would begin with them. */
export interface PreparedModel {
  readonly backend: Backend;
  readonly corpus: Corpus;
  readonly settings: TrainSettings;
  readonly model: SequenceModel;
  readonly params: SequenceModelParams;
}

/**
 * Makes what `tempograd train` would begin with, and gives it to `use`; writes nothing.
 * @throws Failure, UsageError as that does.
 */
export async function withPreparedModel<R>(
  request: PreparedRequest,
  onPart: (part: string) => void,
  use: (prepared: PreparedModel) => Promise<R>,
): Promise<R> {
  const unit = request.unit ?? 'characters';
  requireWords(request, unit);
  // Ctrl-C ends the command by itself: there is nothing to keep.
  const interrupt = { signal: new AbortController().signal, exitCode: null };
  const text = await readText(request.text, unit, { interrupt, reading: () => onPart('reading the text') });
  try {
    const { backend } = await openBackend(request.backend);
    try {
      useBackend(backend);
      const asked = settingsFor(backend.name, request);
      const corpus = await corpusOf(text, asked);
      const settings = fitBatch(asked, request, corpus.training.length);
      const model = modelOf(settings, corpus);
      const params = scope(() => keep(startingParams(model, foldInName(keyOf(settings.seed), 'params'), corpus)));
      try {
        return await use({ backend, corpus, settings, model, params });
      } finally {
        disposeTree(params);
      }
    } finally {
      backend.dispose?.();
    }
  } finally {
    await text.close();
  }
}
