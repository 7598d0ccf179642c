import { readdirSync, readFileSync } from 'node:fs';

const ticksASecond = 100; // USER_HZ of proc(5), the same on all machines

/**
 * CPU time of a process, its threads and its children, ms: to the nanosecond (schedstat), except for ended
 * children.
 */
export function cpuMsOf(pid: number): number {
  const threads = entries(`/proc/${pid}/task`);
  const own = threads.map((thread) => Number(words(`/proc/${pid}/task/${thread}/schedstat`)[0] ?? 0) / 1e6);
  const children = threads.flatMap((thread) => words(`/proc/${pid}/task/${thread}/children`));
  const theirs = children.map((child) => cpuMsOf(Number(child)));
  const stat = words(`/proc/${pid}/stat`)
    .join(' ')
    .replace(/^.*\) /s, '')
    .split(' ');
  const ended = ((Number(stat[13] ?? 0) + Number(stat[14] ?? 0)) * 1000) / ticksASecond; // cutime, cstime
  return [...own, ...theirs, ended].reduce((sum, ms) => sum + ms, 0);
}

/** Empty for a process that has ended meanwhile. */
function words(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
