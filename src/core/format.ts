import type { Family } from '../../models/path.ts';

/** A length of time for display: `'50 ms'`, `'1.0 s'`, `'12 s'`, `'4 min'`, `'3 h'`, `'2 d'`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 119_500) return `${Math.round(ms / 1000)} s`;
  if (ms < 5_400_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} d`;
}

/** A number of bytes for display: `'984 B'`, `'12 kB'`, `'1.2 MB'`. */
export function bytes(n: number): string {
  if (n < 999.5) return `${Math.round(n)} B`;
  const power = n < 999_500 ? 1 : n < 999_500_000 ? 2 : 3;
  const value = n / 1000 ** power;
  return `${value < 9.95 ? value.toFixed(1).replace('.0', '') : Math.round(value)} ${['B', 'kB', 'MB', 'GB'][power]}`;
}

/** A ratio for display: `'2 %'`, `'0.4 %'`. */
export function percent(ratio: number): string {
  const value = ratio * 100;
  return `${value === 0 || value >= 1 ? Math.round(value) : value.toFixed(1)} %`;
}

/** `'IPv4'` or `'IPv6'`. */
export function familyName(family: Family): string {
  return `IPv${family}`;
}

/** `'1 check'`, `'3 checks'`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
