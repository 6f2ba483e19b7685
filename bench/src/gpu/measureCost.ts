import { createBackend } from '@tempograd/backend-webgpu';
import { create } from 'webgpu';
import type { Row } from '../grid/Row.js';
import { median } from '../measure/statistics.js';
import { engineOf } from '../workers/tempograd.js';
import { countCommands, type CommandCounts } from './countCommands.js';
import type { StepCost } from './costTable.js';

const warmSteps = 12;
const timedSteps = 120;

/** Dawn's root object, which must outlive its devices. */
const root = create(['backend=null']);

/** What a training step of a row costs in commands and JavaScript, on a device that computes nothing and takes no time. */
export async function measureCost(row: Row): Promise<StepCost> {
  const times: number[] = [];
  await run(await nullDevice(), row, warmSteps + timedSteps, (seconds) => times.push(seconds));
  const { device, counts } = countCommands(await nullDevice());
  const soFar: CommandCounts[] = [];
  await run(device, row, warmSteps, () => soFar.push({ ...counts }));
  const [before, after] = soFar.slice(-2) as [CommandCounts, CommandCounts];
  const timed = times.slice(warmSteps);
  return {
    row,
    counts: {
      dispatches: after.dispatches - before.dispatches,
      submissions: after.submissions - before.submissions,
      readBacks: after.readBacks - before.readBacks,
    },
    least: Math.min(...timed),
    median: median(timed),
  };
}

async function nullDevice(): Promise<GPUDevice> {
  const adapter = await root.requestAdapter();
  if (adapter === null) throw new Error('Dawn’s null device is missing: reinstall the package webgpu.');
  return adapter.requestDevice();
}

async function run(device: GPUDevice, row: Row, steps: number, tell: (seconds: number) => void): Promise<void> {
  const backend = await createBackend({ device });
  const job = await engineOf(backend).prepare(row);
  for (let step = 0; step < steps; step++) {
    const start = performance.now();
    const answered = job.step();
    tell((performance.now() - start) / 1000);
    await answered;
  }
  job.dispose();
  backend.dispose?.();
  device.destroy();
}
