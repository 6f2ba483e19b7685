import { createBackend } from '@tempograd/backend-js';
import { disposeTree, key, scope, keep, truncatedBptt, useBackend, type Strategy, type Tensor } from '@tempograd/core';
import {
  adam,
  characterVocabulary,
  charModel,
  contiguousStreams,
  fit,
  memoryCheckpointStore,
  readTree,
  writeSafetensors,
  type Checkpoint,
  type FitOptions,
  type SequenceModelCarry,
  type SequenceModelParams,
  type SequenceStretch,
} from '@tempograd/nn';

/** A file before it is damaged. */
export interface SoundFile {
  readonly name: string;
  /** How it is read. */
  readonly kind: 'tensors' | 'model' | 'checkpoint';
  readonly bytes: Uint8Array;
  /** Whether it holds a digest. */
  readonly signed: boolean;
  /** Of a checkpoint: what the run was trained with. */
  readonly strategy: Strategy | null;
}

/** A training without its parameters. */
export type Training = Omit<FitOptions<SequenceModelParams, SequenceModelCarry, SequenceStretch, Tensor>, 'params'> & {
  readonly task: ReturnType<typeof charModel>;
};

const text = 'how much wood would a woodchuck chuck if a woodchuck could chuck wood? '.repeat(8);
const vocabulary = characterVocabulary(text);

/** The training that the checkpoints are of. */
export function trainingWith(strategy: Strategy): Training {
  return {
    task: charModel({ vocabulary: vocabulary.size, embedding: 3, hidden: 4, layers: 2 }),
    data: contiguousStreams(text, { vocabulary, batch: 2, steps: 9 }),
    strategy,
    optimiser: adam({ learningRate: 0.01 }),
    clip: { norm: 1 },
  };
}

/** One file of each kind that the library writes, and one of another program's. */
export async function soundFiles(): Promise<SoundFile[]> {
  useBackend(createBackend());
  const chunks = truncatedBptt({ updateEvery: 9 });
  const windows = truncatedBptt({ updateEvery: 4, backwardSteps: 10 });
  const again = truncatedBptt({ updateEvery: 4, backwardSteps: 6, staleness: 'recompute' });
  const { task } = trainingWith(chunks);
  const params = scope(() => keep(task.init(key(1))));
  const tensors = await readTree(params);
  disposeTree(params);
  const metadata = { config: JSON.stringify(task.config), vocabulary: JSON.stringify(vocabulary) };
  const file = (
    name: string,
    kind: SoundFile['kind'],
    bytes: Uint8Array,
    strategy: Strategy | null = null,
  ): SoundFile => ({
    name,
    kind,
    bytes,
    signed: kind !== 'tensors',
    strategy,
  });
  return [
    file("another program's tensors", 'tensors', unsigned()),
    file('a model', 'model', writeSafetensors(tensors, metadata)),
    file('a checkpoint of chunks', 'checkpoint', await checkpointOf(chunks), chunks),
    file('a checkpoint of windows', 'checkpoint', await checkpointOf(windows), windows),
    file('a checkpoint of windows run again', 'checkpoint', await checkpointOf(again), again),
  ];
}

async function checkpointOf(strategy: Strategy): Promise<Uint8Array> {
  const training = trainingWith(strategy);
  const params = scope(() => keep(training.task.init(key(1))));
  const store = memoryCheckpointStore();
  for await (const _ of fit({ ...training, params, updates: 6, checkpoint: { store } }));
  disposeTree(params);
  const { tensors, metadata } = (await store.load()) as Checkpoint;
  return writeSafetensors(tensors, metadata);
}

/** A file with an element type of each kind, and no digest. */
function unsigned(): Uint8Array {
  const header = {
    __metadata__: { format: 'pt' },
    long: { dtype: 'I64', shape: [2], data_offsets: [0, 16] },
    double: { dtype: 'F64', shape: [1, 2], data_offsets: [16, 32] },
    float: { dtype: 'F32', shape: [2, 2], data_offsets: [32, 48] },
    half: { dtype: 'F16', shape: [4], data_offsets: [48, 56] },
    brain: { dtype: 'BF16', shape: [2], data_offsets: [56, 60] },
    none: { dtype: 'F32', shape: [0, 3], data_offsets: [60, 60] },
  };
  const words = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + words.length + 60);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(words.length), true);
  bytes.set(words, 8);
  bytes.fill(1, 8 + words.length);
  // Small enough for i32.
  bytes.fill(0, 8 + words.length + 4, 8 + words.length + 8).fill(0, 8 + words.length + 12, 8 + words.length + 16);
  return bytes;
}
