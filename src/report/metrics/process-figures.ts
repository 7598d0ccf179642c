import { readdirSync } from 'node:fs';

/** What the daemon itself costs. */
export interface ProcessFigures {
  readonly cpuSeconds: number; // user and system, since its start
  readonly residentBytes: number;
  readonly openDescriptors: number;
}

/** Reads them from the kernel. */
export function processFigures(): ProcessFigures {
  const { user, system } = process.cpuUsage();
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: process.memoryUsage.rss(),
    openDescriptors: readdirSync('/proc/self/fd').length - 1, // but for the one that lists them
  };
}
