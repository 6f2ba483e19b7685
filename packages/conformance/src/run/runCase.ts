import type { Backend } from '@tempograd/core/backend';
import { ConformanceError } from '../check/ConformanceError.js';
import type { CaseContext, Measured } from './Case.js';
import type { PlannedCase } from './plan.js';

/**
 * Runs one planned case (or the assertion of the deviation from it) and checks that it left no memory behind.
 * @throws ConformanceError naming case, dtype, backend and seed when the backend is wrong.
 */
export async function runCase({ test, dtype, deviation }: PlannedCase, context: CaseContext): Promise<Measured> {
  const before = live(context);
  try {
    const measured = deviation === null ? await test.run(context) : await assertDeviation(deviation, context);
    checkMemory(before, live(context));
    return measured;
  } catch (cause) {
    const message = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
    throw new ConformanceError(
      `${test.name} (${dtype}) on ${context.backend.name}: ${message}. To see it again: seed ${context.seed}, only: { names: ['${test.name}'], dtypes: ['${dtype}'] }.`,
      { cause },
    );
  }
}

async function assertDeviation(
  deviation: NonNullable<PlannedCase['deviation']>,
  context: CaseContext,
): Promise<Measured> {
  await deviation.assert(context);
  return { error: 0, tolerance: 0, reason: null, paths: [] };
}

type Live = readonly { readonly backend: Backend; readonly buffers: number; readonly bytes: number }[];

function live({ backend, oracle }: CaseContext): Live {
  return [backend, oracle].map((each) => {
    const { buffers, bytes } = each.memory();
    return { backend: each, buffers, bytes };
  });
}

function checkMemory(before: Live, after: Live): void {
  for (const [index, { backend, buffers, bytes }] of after.entries()) {
    const former = before[index];
    if (former?.buffers === buffers && former.bytes === bytes) continue;
    throw new ConformanceError(
      `live memory of ${backend.name} did not return to where it was: ${former?.buffers} buffers of ${former?.bytes} bytes before, ` +
        `${buffers} of ${bytes} after`,
    );
  }
}
