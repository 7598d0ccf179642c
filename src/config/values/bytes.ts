/** What a number of bytes with its unit looks like. */
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

/** Reads a number of bytes, as a number or `'500kB'`, `'5MB'`, `'1GiB'`; rounded to a whole one. */
export function readBytes(value: number | string): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.round(value) : undefined;
  const [, amount, unit] = bytesPattern.exec(value) ?? [];
  const factor = unitBytes[unit ?? ''];
  return factor === undefined ? undefined : Math.round(Number(amount) * factor);
}
