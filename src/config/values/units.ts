/** Durations and byte counts, with their units. */

/** The form of a duration with its unit. */
export const durationPattern = /^(\d{1,9}(?:\.\d{1,9})?) ?(ms|s|m|h|d)$/;

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads a duration, seconds as a number or `'250ms'`, `'10s'`, `'2m'`, `'1h'`, `'1d'`, as milliseconds. */
export function durationMs(value: number | string): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? toMicrosecond(value * 1000) : undefined;
  const [, amount, unit] = durationPattern.exec(value) ?? [];
  const factor = unitMs[unit ?? ''];
  return factor === undefined ? undefined : toMicrosecond(Number(amount) * factor);
}

/** Reads a duration as typed after an option: `'2m'`, or seconds as in `'90'`. */
export function typedMs(text: string): number | undefined {
  return durationMs(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
}

/** A duration in the largest unit that gives a short number: `1500` is `'1.5s'`. */
export function spellDuration(ms: number): string {
  const fits = Object.entries(unitMs)
    .reverse()
    .find(([, factor]) => ms >= factor && Number.isInteger((ms / factor) * 10));
  if (ms === 0) return '0s';
  return fits === undefined ? `${ms}ms` : `${ms / fits[1]}${fits[0]}`;
}

/** Rounds off what binary fractions add: 0.07 s is 70 ms, not 70.00000000000001. */
function toMicrosecond(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The form of a byte count with its unit. */
export const bytesPattern = /^(\d{1,12}(?:\.\d{1,6})?) ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB)$/;

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Reads a byte count, as a number or `'500kB'`, `'5MB'`, `'1GiB'`; rounded to a whole number. */
export function readBytes(value: number | string): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value) : undefined;
  const [, amount, unit] = bytesPattern.exec(value) ?? [];
  const factor = unitBytes[unit ?? ''];
  return factor === undefined ? undefined : Math.round(Number(amount) * factor);
}
