/** A packet or connection mark, or a mask for marks, as every tool accepts and prints it: `0x01000000`. */
export function hexMark(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** The difference between one mark and the next: the lowest bit of the mask. */
export function markStep(mask: number): number {
  return (mask & -mask) >>> 0;
}

/** The bits of marks that are not ours. */
export function othersBits(mask: number): number {
  return (0xffffffff & ~mask) >>> 0;
}
