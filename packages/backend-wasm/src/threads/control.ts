// The control region: what the threads share, as 32-bit words from its first byte. Words that different threads write
// lie in different cache lines.

/** Counts tasks; workers sleep on it. */
export const sequence = 0;
/** Parts of the task that nobody has claimed: whoever decrements it to n ≥ 0 runs part n. */
export const unclaimed = 16;
/** Parts that are done; the caller sleeps on it. */
export const done = 32;
/** Workers that sleep and want a notification. */
export const sleepers = 48;
/** 1 where a part trapped. */
export const failed = 64;
/** The task: number of the kernel, parts, scratch of part 0, and bytes from each part's scratch to the next one's. */
export const taskKernel = 80;
export const taskParts = 81;
export const taskScratch = 82;
export const taskScratchStride = 83;
/** The blocks of arguments that the kernel runs on, one after another: address of the first, bytes to the next one, and how many. */
export const taskBlock = 84;
export const taskBlockStride = 85;
export const taskBlocks = 86;
/** Steps of the task, 0 where it has none; see steps.ts. */
export const taskSteps = 87;
/** Parts of a task of steps whose threads have left it; the caller sleeps on it. */
export const departed = 88;
/** Threads that sleep within a task of steps and want a notification. */
export const resting = 89;
/** The argument block of tasks that have one. */
export const taskArgs = 96;

/** Words of the argument block: 35 for the largest kernel, or a layout of up to 16 axes for three operands. */
const argumentWords = 128;
/** Numbers that stand where an op takes an operand, one word each. */
export const taskLiterals: number = taskArgs + argumentWords;
const literalWords = 4;
/** For each part of a task of steps, the step that is next to be claimed; each in a cache line of its own. */
export const claims: number = Math.ceil((taskLiterals + literalWords) / 16) * 16;
export const claimStride = 16;
/** The most parts that a task of steps may have. */
const mostStepParts = 64;
/** Bytes of the region. */
export const controlBytes: number = (claims + mostStepParts * claimStride) * 4;

/** Every kernel: cut into `parts`, runs part number `part`, of step number `step` where it has steps; see assembly/README.md, "Tasks". */
export type Task = (args: number, part: number, parts: number, scratch: number, step: number) => void;

/** Kernels by number: in the order of the module's exports, which is the same in every thread. */
export function tasksOf(instance: WebAssembly.Instance): Task[] {
  return Object.values(instance.exports) as Task[];
}

/** Runs one part, of one step. */
export function runPart(tasks: readonly Task[], words: Int32Array, part: number, step: number): void {
  const task = tasks[words[taskKernel] as number] as Task;
  const parts = words[taskParts] as number;
  const scratch = (words[taskScratch] as number) + part * (words[taskScratchStride] as number);
  const stride = words[taskBlockStride] as number;
  const blocks = words[taskBlocks] as number;
  try {
    // Addresses beyond 2 GiB are negative here; kernels take them as they are.
    let block = words[taskBlock] as number;
    for (let n = 0; n < blocks; n++, block += stride) task(block, part, parts, scratch, step);
  } catch {
    Atomics.store(words, failed, 1);
  }
}

/**
 * How long, in ms, a thread watches a shared word before it goes to sleep: longer than what a training step does between
 * two parallel tasks, since waking a thread costs a good part of a small task.
 */
const watchTime = 0.5;
/** Looks at a shared word between two looks at the clock. */
const looks = 500;

/** Watches a word for a while; whether it is no longer `seen`. */
export function watch(words: Int32Array, word: number, seen: number, time: number = watchTime): boolean {
  const until = performance.now() + time;
  do {
    for (let i = 0; i < looks; i++) if (Atomics.load(words, word) !== seen) return true;
  } while (performance.now() < until);
  return false;
}
