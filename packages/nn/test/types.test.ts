import { disposeTree, fullBptt, key } from '@tempograd/core';
import { expect, it } from 'vitest';
import { adam, evaluate, fit, sequenceModel, sequences, type DataSource, type SequenceInputs } from '../src/index.js';
import { withFreshBackend } from './support/close.js';

withFreshBackend();

it('data and parameters of another model do not compile', async () => {
  const named = sequenceModel({
    input: { a: { features: 1 }, b: { vocabulary: 3, embedding: 2 } },
    hidden: 2,
    outputs: 1,
    loss: 'binaryCrossEntropy',
  });
  const single = sequenceModel({ input: { features: 1 }, hidden: 2, outputs: 1 });
  const [ofNamed, ofSingle] = [named.init(key(1)), single.init(key(1))];
  const how = { strategy: fullBptt(), optimiser: adam({ learningRate: 0.1 }), epochs: 1 };
  const options = { batch: 1, targets: 'numbers' } as const;
  const rows = sequences([{ inputs: [[1], [2]], targets: 1 }], options);
  const records = sequences([{ inputs: { a: [[1]], b: [1] }, targets: 1 }], options);
  const bare: DataSource<SequenceInputs> = rows;
  const starts = [
    () => fit({ task: single, params: ofSingle, data: rows, ...how }),
    () => fit({ task: named, params: ofNamed, data: records, ...how }),
  ];
  for (const start of starts) for await (const { loss } of start()) expect(loss).toBeGreaterThan(0);
  expect((await evaluate({ task: named, params: ofNamed, data: records })).loss).toBeGreaterThan(0);

  const wrong = [
    // @ts-expect-error several inputs for a model of one
    () => fit({ task: single, params: ofSingle, data: records, ...how }),
    // @ts-expect-error one input for a model of several
    () => fit({ task: named, params: ofNamed, data: rows, ...how }),
    // @ts-expect-error nothing to learn
    () => fit({ task: single, params: ofSingle, data: bare, ...how }),
    // @ts-expect-error nothing to compare with
    () => evaluate({ task: single, params: ofSingle, data: bare }),
    // @ts-expect-error parameters of another model
    () => fit({ task: named, params: ofSingle, data: records, ...how }),
  ];
  expect(wrong).toHaveLength(5);
  for (const params of [ofNamed, ofSingle]) disposeTree(params);
});
