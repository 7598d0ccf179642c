import { type Family, families } from '../path.ts';

/** The families in which a target can be probed: a literal address has one, a name and `'gateway'` have both. */
export function familiesOf(target: string): readonly Family[] {
  if (target.includes(':')) return [6];
  return isLiteralIpv4(target) ? [4] : families;
}

/** Whether a target is an address, not a name that must be resolved first. */
export function isLiteral(target: string): boolean {
  return target.includes(':') || isLiteralIpv4(target);
}

function isLiteralIpv4(target: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(target);
}
