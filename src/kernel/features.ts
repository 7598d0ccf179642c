import { release } from 'node:os';
import { run } from './exec.ts';

/** Whether the kernel has nexthop objects at all (Linux 5.3), so that queries for them are answered. */
export function hasNexthops(): boolean {
  return isAtLeast(release(), 5, 3);
}

/** Whether both the kernel and `ip` have resilient nexthop groups (each since 5.13), which need both. */
export async function hasResilientGroups(): Promise<boolean> {
  if (!isAtLeast(release(), 5, 13)) return false;
  const version = await run('ip', ['-V']).catch(() => undefined); // the next user of `ip` reports that it is missing
  return version === undefined || isAtLeast(/iproute2-(\S+)/.exec(version.stdout)?.[1] ?? '', 5, 13);
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [found = 0, detail = 0] = version.split(/[^0-9]+/).map(Number);
  return found > major || (found === major && detail >= minor);
}
