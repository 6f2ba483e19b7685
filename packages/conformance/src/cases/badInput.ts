import { scope, TempogradError, withBackend, withoutFusedOps, type Tensor } from '@tempograd/core';
import { badCalls, goodOthers, write } from '../badInput/badCalls.js';
import type { Call } from '../badInput/Call.js';
import { fusedCalls } from '../badInput/fusedCalls.js';
import { composedCalls } from '../badInput/composedCalls.js';
import { opCalls } from '../badInput/opCalls.js';
import type { Check } from '../check/Check.js';
import { defineCase, type ConformanceCase } from '../run/Case.js';

/** Both paths of ops that have two. */
const paths = { fused: <R>(fn: () => R): R => fn(), composed: withoutFusedOps } as const;

/** Every bad call throws an error of the library's own, leaves no buffer and changes nothing that it was given. */
async function checkRefusals(check: Check, call: Call): Promise<void> {
  const { backend } = check.context;
  const lent: Tensor[] = [];
  const values = async (): Promise<string> => {
    const lists: string[] = [];
    for (const x of lent) lists.push([...(await x.read())].join());
    return lists.join(';');
  };
  const faults: string[] = [];
  const given = withBackend(backend, () =>
    scope(() =>
      Object.fromEntries(Object.entries(call.tensors).map(([name, place]) => [name, write(check.device, place)])),
    ),
  );
  lent.push(...Object.values(given));
  try {
    // The call is valid as it stands, on copies where it changes them.
    withBackend(backend, () =>
      scope(() => {
        const own = Object.fromEntries(
          Object.entries(call.tensors).map(([name, place]) => [name, write(check.device, place)]),
        );
        for (const path of Object.values(paths)) path(() => call.run(own, goodOthers(call)));
      }),
    );
    const before = await values();
    withBackend(backend, () =>
      scope(() => {
        for (const bad of badCalls(check, call, given)) {
          for (const [path, on] of Object.entries(paths)) {
            const [{ buffers }, other] = [backend.memory(), check.context.oracle.memory().buffers];
            let outcome = 'was accepted';
            try {
              scope(() => void on(() => call.run(bad.given, bad.others)));
            } catch (error) {
              outcome = error instanceof TempogradError ? '' : `threw ${String(error)}`;
            }
            if (outcome !== '') faults.push(`${bad.what} (${path}) ${outcome}`);
            const left = backend.memory().buffers - buffers + check.context.oracle.memory().buffers - other;
            if (left !== 0) faults.push(`${bad.what} (${path}) left ${left} buffers`);
          }
        }
      }),
    );
    if ((await values()) !== before) faults.push('a bad call changed what it was given');
  } finally {
    for (const x of lent) x.dispose();
  }
  check.require(faults.length === 0, `${call.name}: ${faults.join('; ')}`);
}

/** The case of one function. */
export const badInputCase = (call: Call): ConformanceCase =>
  defineCase(
    {
      name: `${call.name}: value, of bad input`,
      group: 'badInput',
      op: call.name.split(',')[0] as string,
      kind: 'value',
    },
    (check) => checkRefusals(check, call),
  );

/** What each public function makes of bad input. */
export const badInputCases: readonly ConformanceCase[] = [...opCalls, ...composedCalls, ...fusedCalls].map(
  badInputCase,
);
