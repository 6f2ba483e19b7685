import type { Gpu } from '../engine/Gpu.js';
import { enqueuePlan } from './enqueuePlan.js';
import type { Problem } from './enqueuePlan.js';
import { planOf } from './plan.js';
import type { Plan, Sizes } from './plan.js';
import { speedOf } from './tiles.js';

/** Axes of a batch that one dispatch can go through. */
const mostAxes = 6;
/** Plans kept for a device. */
const mostPlans = 4096;

const plans = new WeakMap<GPUDevice, Map<string, Plan>>();

/** Enqueues products, by the plan for their sizes. */
export function enqueueProblem(gpu: Gpu, problem: Problem): void {
  const { axes, m, out } = problem;
  const [outer, ...others] = axes;
  if (outer !== undefined && axes.length > mostAxes) {
    for (let i = 0; i < outer.length; i++) enqueueProblem(gpu, { ...at(problem, i), axes: others });
    return;
  }
  const inner = axes.at(-1);
  // Rows that run on from one product to the next, times the same matrix, are rows of one product.
  const runsOn = inner !== undefined && inner.b === 0 && inner.a === m * problem.a.line && inner.out === m * out.row;
  if (runsOn) {
    enqueueProblem(gpu, { ...problem, m: m * inner.length, axes: axes.slice(0, -1) });
    return;
  }
  let count = 1;
  for (const { length } of axes) count *= length;
  enqueuePlan(gpu, problem, count, findPlan(gpu.device, problem, count));
}

/** The products at place `i` of the outermost axis. */
function at(problem: Problem, i: number): Problem {
  const { a, b, out, axes } = problem;
  const outer = axes[0];
  if (outer === undefined) return problem;
  return {
    ...problem,
    a: { ...a, start: a.start + i * outer.a },
    b: { ...b, start: b.start + i * outer.b },
    out: { ...out, start: out.start + i * outer.out },
  };
}

/** The plan for `batch` products, found once for each sizes. */
export function findPlan(device: GPUDevice, problem: Problem, batch: number): Plan {
  const { m, n, k, a, b, accumulate } = problem;
  const aAlong = a.step === 1;
  const bAlong = b.step === 1;
  const flags = (aAlong ? 1 : 0) + (bAlong ? 2 : 0) + (accumulate ? 4 : 0);
  const key = `${m} ${n} ${k} ${batch} ${flags}`;
  let known = plans.get(device);
  if (known === undefined || known.size >= mostPlans) plans.set(device, (known = new Map<string, Plan>()));
  let plan = known.get(key);
  if (plan === undefined) {
    const sizes: Sizes = { m, n, k, batch, aAlong, bAlong, accumulate };
    const { maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup } = device.limits;
    const info: GPUAdapterInfo | undefined = device.adapterInfo;
    plan = planOf(sizes, speedOf(info), maxComputeWorkgroupStorageSize, maxComputeInvocationsPerWorkgroup);
    known.set(key, plan);
  }
  return plan;
}
