/** The tier of a path's provider as the election sees it. */
import { isRoaming } from '../../../models/modem.ts';
import type { PathState } from './state.ts';

const lastTiers = 1e5; // after those of all others

/** Whether its modem roams, and the operator wants that avoided. */
export function isAvoided({ findings, provider }: PathState): boolean {
  return findings.modem !== undefined && provider.roaming === 'avoid' && isRoaming(findings.modem);
}

/** The tier of its provider; after all others while it is to be avoided. `null`: it never gets new traffic. */
export function tierOf(path: PathState): number | null {
  const { tier } = path.provider;
  return tier !== null && isAvoided(path) ? tier + lastTiers : tier;
}
