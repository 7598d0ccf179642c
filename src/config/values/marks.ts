/** Values about connections: which bits of marks are ours, and what happens to connections at a failback. */
import { markStep } from '../../../models/mark.ts';
import type { OnFailback } from '../../../models/on-failback.ts';
import { canShare, type Provider } from '../../../models/provider.ts';
import type { ParseResult } from './address.ts';
import { durationMs } from './units.ts';

/** Reads a mask of packet and connection marks: 1 to 32 bits in a row, in hexadecimal. */
export function readMask(text: string): ParseResult<number> {
  const mask = /^0x[0-9a-f]{1,8}$/i.test(text) ? Number(text) : 0;
  const row = mask / markStep(mask);
  const isRow = mask !== 0 && Number.isInteger(Math.log2(row + 1));
  return isRow ? { value: mask } : { rule: "must be bits in a row in hexadecimal, such as '0xff000000'" };
}

/** Reads what happens to a provider's connections when traffic goes back to a better one. */
export function readOnFailback(text: string): ParseResult<OnFailback> {
  if (text === 'soft' || text === 'hard') return { value: { kind: text } };
  const afterMs = durationMs(/^drain:? (\S+)$/.exec(text)?.[1] ?? '');
  if (afterMs === undefined)
    return { rule: "must be 'soft', 'hard' or a time to finish such as 'drain 10m'" };
  return { value: { kind: 'drain', afterMs } };
}

/** The topmost bits, at least eight, that can number this many providers: VPNs and meshes use those below. */
export function fittingMask(providers: number): number {
  const bits = Math.max(8, Math.ceil(Math.log2(providers + 1)));
  return 2 ** 32 - 2 ** (32 - bits);
}

/** How many providers a mask can distinguish; 0 is "not ours". */
export function marksWithin(mask: number): number {
  return mask / markStep(mask);
}

/** The mark of the nth provider, counted from 0. */
export function markOf(index: number, mask: number): number {
  return (index + 1) * markStep(mask);
}

/** Whether marks are needed though not configured: providers share traffic, or a setting acts on connections. */
export function needsMarks(
  { stickyClients }: { readonly stickyClients?: object | undefined },
  providers: readonly Provider[],
): boolean {
  const actsOnConnections = ({ enabled, nat, onFailback }: Provider): boolean =>
    enabled && (nat[4] !== 'none' || nat[6] !== 'none' || onFailback.kind !== 'soft');
  return stickyClients !== undefined || canShare(providers) || providers.some(actsOnConnections);
}
