import type { Engine, Job } from './Engine.js';
import type { Reply, Request, Results } from './protocol.js';

/** Answers requests to an engine, one after the other; what goes wrong is an answer too. */
export function answering(engine: Engine): (asked: Request) => Promise<Reply> {
  let job: Job | null = null;
  const release = (): void => {
    job?.dispose();
    job = null;
  };
  return async (asked) => {
    try {
      return { result: await resultOf(asked) };
    } catch (error) {
      return { error: String(error).replace(/^Error: /, '') };
    }
  };

  async function resultOf(asked: Request): Promise<Results[keyof Results]> {
    switch (asked.request) {
      case 'prepare':
        release();
        job = await engine.prepare(asked.row);
        return firstSteps(job, asked);
      case 'run':
        if (job === null) throw new Error('No row is prepared.');
        return run(job, asked.seconds);
      case 'product':
        return product(engine, asked);
      case 'breakdown':
        if (engine.breakdown === undefined) throw new Error('This column knows no breakdown.');
        return engine.breakdown(asked.row, asked.seconds);
      case 'release':
        release();
        return {};
    }
  }
}

async function firstSteps(
  job: Job,
  { steps, seconds }: { steps: number; seconds: number },
): Promise<Results['prepare']> {
  const losses: number[] = [];
  const begin = performance.now();
  let stepSeconds = 0;
  while (losses.length < 2 || (losses.length < steps && (performance.now() - begin) / 1000 < seconds)) {
    const start = performance.now();
    await job.step();
    losses.push(await job.loss());
    stepSeconds = (performance.now() - start) / 1000;
  }
  return { parameters: job.parameters, losses, stepSeconds };
}

async function run(job: Job, seconds: number): Promise<Results['run']> {
  const start = performance.now();
  const until = start + seconds * 1000;
  let steps = 0;
  do {
    const under = job.step();
    if (under !== undefined) await under;
    steps++;
  } while (performance.now() < until);
  const loss = await job.loss();
  return { steps, seconds: (performance.now() - start) / 1000, loss };
}

function product(engine: Engine, { size, seconds }: { size: number; seconds: number }): Results['product'] {
  if (engine.product === undefined) throw new Error('This column times no products.');
  const { multiply, dispose } = engine.product(size);
  multiply();
  const start = performance.now();
  const until = start + seconds * 1000;
  let calls = 0;
  do {
    multiply();
    calls++;
  } while (performance.now() < until);
  const elapsed = (performance.now() - start) / 1000;
  dispose();
  return { gflops: (2 * size ** 3 * calls) / elapsed / 1e9 };
}
