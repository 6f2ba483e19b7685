import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells a process from all others that look at the same files, on this machine or another. */
export interface ProcessMark {
  /** Within which `pid` means one process: a machine since its last start, a container on it. */
  readonly space: string;
  readonly pid: number;
  /** When it began, by the system's count; empty where the system does not say. Numbers are given again, this is not. */
  readonly born: string;
}

/** The mark of this process. */
export function thisProcess(): ProcessMark {
  return { space: numberSpace(), pid: process.pid, born: birthOf(process.pid).born };
}

/** Whether a process has ended; null where that cannot be known from here, on another machine or in another container. */
export function isGone({ space, pid, born }: ProcessMark): boolean | null {
  if (space !== numberSpace()) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be sent signals; but it is there.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return true;
  }
  const now = birthOf(pid);
  return now.ended || (born !== '' && now.born !== '' && born !== now.born);
}

let space: string | undefined;

function numberSpace(): string {
  const parts = [
    hostname(),
    textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    textOf(() => readlinkSync('/proc/self/ns/pid')),
  ];
  space ??= createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
  return space;
}

/** From Linux's table of processes: the third field is Z for one that ended and waits to be taken note of, the 22nd its birth. */
function birthOf(pid: number): { ended: boolean; born: string } {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  // The second is a name in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { ended: fields[0] === 'Z', born: fields[19] ?? '' };
}

/** Empty where there is no such file: the system is another. */
function textOf(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
