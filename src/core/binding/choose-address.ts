/**
 * Which address of a device a path is bound to, where the operator leaves that open, in the order of RFC 6724 for
 * destinations in the internet: no unique local address (FRITZ!Box and OpenWrt announce one beside the ISP's) while
 * there is another; none whose prefix is withdrawn, except the one in use, which goes on until the next is ready (RFC
 * 4862 5.5.4); one of the gateway's network; one that stays, rather than a temporary one. Of equals the one in use, so
 * that nothing moves without need.
 */
import { contains } from '../../../models/address.ts';
import type { Link, LinkAddress } from '../../../models/link.ts';
import type { Family } from '../../../models/path.ts';
import { familyName } from '../format.ts';

/** What is known before the address is chosen. */
export interface AddressHints {
  readonly configured: string; // 'auto', or the one to take
  readonly gateway: string | undefined;
  readonly current: string | undefined; // the address that the path is or was bound to
}

/** The address to bind to; undefined if there is none. Link-local addresses do not reach the internet. */
export function chooseAddress(link: Link, family: Family, hints: AddressHints): LinkAddress | undefined {
  const { configured, gateway, current } = hints;
  const own = link.addresses.filter((address) => address.family === family);
  const ready = own.filter((address) => !isUnready(address));
  if (configured !== 'auto') return ready.find(({ address }) => address === configured);
  const global = ready.filter(({ scope, address, usable, flaw }) => {
    return scope === 'global' && (usable || (flaw === 'deprecated' && address === current));
  });
  const cost = (candidate: LinkAddress): number =>
    (isUniqueLocal(candidate.address) ? 16 : 0) +
    (candidate.usable ? 0 : 8) +
    (isNear(candidate, gateway) ? 0 : 4) +
    (candidate.temporary === true ? 2 : 0) +
    (candidate.address === current ? 0 : 1);
  const [best] = global.sort((a, b) => cost(a) - cost(b));
  const isMakeshift = best !== undefined && isUniqueLocal(best.address);
  return isMakeshift && own.some(isGlobalToBe) ? undefined : best;
}

/** Better than a unique local one as soon as it can be used, or once the operator has seen why it cannot. */
function isGlobalToBe(candidate: LinkAddress): boolean {
  return candidate.scope === 'global' && isUnready(candidate) && !isUniqueLocal(candidate.address);
}

/** Nothing can be bound to it: the kernel still looks for another machine that has it, or has found one. */
function isUnready({ flaw }: LinkAddress): boolean {
  return flaw === 'tentative' || flaw === 'duplicate';
}

/** Whether an IPv6 address means something on this site only: fc00::/7 (RFC 4193). */
export function isUniqueLocal(address: string): boolean {
  return /^f[cd][0-9a-f]{2}:/i.test(address);
}

function isNear({ address, prefixLength }: LinkAddress, gateway: string | undefined): boolean {
  return gateway !== undefined && contains(`${address}/${prefixLength}`, gateway);
}

/** Why there is no address to bind to. */
export function noAddress(link: Link, family: Family, configured: string): string {
  const own = link.addresses.filter((address) => address.family === family && address.scope === 'global');
  if (configured !== 'auto') {
    const present = own.find(({ address }) => address === configured);
    return present === undefined
      ? `address ${configured} is gone from ${link.name}`
      : `address ${configured} of ${link.name} ${flawOf(present)}`;
  }
  const [unready] = own.filter(({ flaw }) => flaw !== undefined);
  const what = `interface ${link.name} has no ${familyName(family)} address`;
  return unready === undefined ? what : `${what} that can be used: ${unready.address} ${flawOf(unready)}`;
}

function flawOf({ flaw }: LinkAddress): string {
  if (flaw === 'duplicate') return 'is used by another machine, too';
  return flaw === 'tentative' ? 'is still being checked for duplicates' : 'is deprecated';
}
