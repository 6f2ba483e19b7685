import { readFileSync } from 'node:fs';

/** Linux counts processor time in hundredths of a second, for every program. */
const ticksPerSecond = 100;

/** Processor time that all programs together, and the machine's host, have taken so far, in seconds on all cores; null where the system does not say. */
export function busySeconds(): number | null {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    // user nice system idle iowait irq softirq steal
    const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
    const [idle = NaN, waiting = NaN] = ticks.slice(3, 5);
    return (ticks.reduce((sum, each) => sum + each, 0) - idle - waiting) / ticksPerSecond;
  } catch {
    return null;
  }
}

/** Processor time that a process and its threads have taken so far, in seconds; null where the system does not say. */
export function processSeconds(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [user = NaN, system = NaN] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return (user + system) / ticksPerSecond;
  } catch {
    return null;
  }
}
