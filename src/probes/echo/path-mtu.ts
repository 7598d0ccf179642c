import { readFileSync } from 'node:fs';
import { isLinkLocal } from '../../../models/link-local.ts';
import type { Binding, Family } from '../../../models/path.ts';
import { deviceMtu, knownPathMtu, LibcError } from '../../kernel/libc.ts';
import { addressBytes } from '../../reach/address-bytes.ts';
import { impossible } from '../../reach/reach-error.ts';

/**
 * The MTU of a path's device in its family, in bytes: an IPv6 router may have set less (RFC 4861 4.6.4).
 * @throws {ReachError}
 */
export function mtuOf({ interfaceName }: Binding, family: Family): number {
  try {
    const mtu = deviceMtu(interfaceName);
    return family === 4
      ? mtu
      : Math.min(mtu, numberIn(`/proc/sys/net/ipv6/conf/${interfaceName}/mtu`) ?? mtu);
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    // Only without libc: /sys may be another network's.
    const mtu = error.code === 'EKOFFI' ? numberIn(`/sys/class/net/${interfaceName}/mtu`) : undefined;
    if (mtu !== undefined) return mtu;
    throw impossible(`the MTU of ${interfaceName} is not known: ${error.code}`, error);
  }
}

/** The MTU that a router on the path to a target has reported, in bytes, if it is less than the device's. */
export function reportedMtu(family: Family, binding: Binding, target: string): number | undefined {
  const { interfaceName, interfaceIndex, address, mark } = binding;
  const scopeId = isLinkLocal(address) || isLinkLocal(target) ? interfaceIndex : 0;
  try {
    const local = { interfaceName, address: addressBytes(address), scopeId, mark };
    const known = knownPathMtu(family, local, addressBytes(target));
    return known > 0 && known < mtuOf(binding, family) ? known : undefined;
  } catch {
    return undefined; // no route, no libc: no report that we could know of
  }
}

function numberIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined; // the caller can do without
  }
}
