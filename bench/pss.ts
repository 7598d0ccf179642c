import { readdirSync, readFileSync } from 'node:fs';

/** One process of a tree. */
export interface ProcessMemory {
  readonly command: string;
  readonly pssMb: number;
}

/** A process and all its descendants, each with its proportional share of memory (proc(5), smaps_rollup). */
export function memoryOf(pid: number): readonly ProcessMemory[] {
  const own = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  const threads = readdirSync(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((word) => word !== ''),
  );
  return [{ command, pssMb: Number(own) / 1024 }, ...children.flatMap((child) => ofChild(Number(child)))];
}

/** A child may be short-lived, and gone by now. */
function ofChild(pid: number): readonly ProcessMemory[] {
  try {
    return memoryOf(pid);
  } catch (error) {
    if (error instanceof Error && /ENOENT|ESRCH/.test(error.message)) return [];
    throw error;
  }
}

/** The sum, MB. */
export function total(processes: readonly ProcessMemory[]): number {
  return processes.reduce((sum, { pssMb }) => sum + pssMb, 0);
}

/** Proportional memory of a process and all its descendants, MB. */
export function pssOf(pid: number): number {
  return total(memoryOf(pid));
}
