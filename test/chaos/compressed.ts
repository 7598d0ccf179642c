/** A schedule and settings for minutes instead of hours: everything that waits, waits briefly. */
import { generate } from './generate.ts';
import type { Times } from './judge.ts';
import type { Schedule } from './schedule.ts';

/** The settings that belong to it. */
export const compressedSettings = {
  checkInterval: '250ms',
  minOutage: '500ms',
  failbackDelay: '2s',
  maxFailbackDelay: '4s',
} as const;

/** The same as times; a busy machine gets some more for a detection. */
export const compressedTimes: Times = { minOutageMs: 500, checkIntervalMs: 250, slackMs: 600 };

/** Every kind of fault within minutes; the last part is calm. */
export function compressed(seed: number, minutes: number): Schedule {
  return generate(seed, {
    forMs: minutes * 60_000,
    paceMs: 5000,
    othersPaceMs: 4000,
    shortestMs: 150,
    longestMs: 12_000,
    leadMs: 3000,
    calmMs: 20_000,
    everyKind: true,
  });
}

/** The default settings, which a schedule of minutes can only begin to try. */
export const defaultTimes: Times = { minOutageMs: 1000, checkIntervalMs: 1000, slackMs: 600 };

/** Faults that last as long as they may, often: for default settings. */
export function uncompressed(seed: number, minutes: number): Schedule {
  return generate(seed, {
    forMs: minutes * 60_000,
    paceMs: 20_000,
    othersPaceMs: 20_000,
    longestMs: 40_000,
    leadMs: 10_000,
    calmMs: 60_000,
    everyKind: true,
  });
}
