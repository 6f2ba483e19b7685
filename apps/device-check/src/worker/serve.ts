import { createBackend as createOracle } from '@tempograd/backend-js';
import { familiesOf, runConformance } from '@tempograd/conformance';
import { Absent } from '../backends/Absent.js';
import type { Opened, Opener } from '../backends/Opener.js';
import type { Job, Message } from '../protocol.js';
import { measureSpeed } from './measureSpeed.js';

/** Makes of this worker one that does jobs on these backends, and tells the page what comes of them. */
export function serve(openers: Readonly<Record<string, Opener>>): void {
  self.onmessage = ({ data }: MessageEvent<Job>) => void work(data, openers);
}

const tell = (message: Message): void => self.postMessage(message);

async function work(job: Job, openers: Readonly<Record<string, Opener>>): Promise<void> {
  try {
    const opener = openers[job.backend];
    if (opener === undefined) throw new Absent(`This page knows no backend ${job.backend}.`);
    const opened = await opener();
    const { name, info } = opened.backend;
    tell({ kind: 'opened', backend: { name, info, families: familiesOf(opened.backend) } });
    await perform(job, opened);
    tell({ kind: 'done' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell(error instanceof Absent ? { kind: 'absent', reason } : { kind: 'broken', reason });
  }
}

async function perform(job: Job, { backend, deviations }: Opened): Promise<void> {
  if (job.kind === 'measure') {
    for (const row of job.rows) tell({ kind: 'speed', speed: await measureSpeed(backend, row) });
  }
  if (job.kind !== 'check') return;
  const { only, seed, resume } = job;
  const { lost } = await runConformance({
    backend,
    oracle: createOracle(),
    only,
    seed,
    resume,
    deviations,
    onStart: (running, _, total) => tell({ kind: 'started', running, total }),
    onCase: (outcome) => tell({ kind: 'outcome', outcome }),
  });
  if (lost !== null) tell({ kind: 'lost', reason: lost });
}
