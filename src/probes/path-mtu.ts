import { readFileSync } from 'node:fs';
import type { Binding, Family } from '../../models/path.ts';
import { deviceMtu, knownPathMtu, LibcError } from '../kernel/libc.ts';
import { addressBytes } from './address-bytes.ts';
import { isLinkLocal } from './bound-socket.ts';
import { impossible } from './probe-error.ts';

/** The MTU of a path's device, in bytes. @throws {ProbeError} */
export function mtuOf({ interfaceName }: Binding): number {
  try {
    return deviceMtu(interfaceName);
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    const said = error.code === 'EKOFFI' ? fromSys(interfaceName) : undefined;
    if (said !== undefined) return said;
    throw impossible(`the MTU of ${interfaceName} is not known: ${error.code}`, error);
  }
}

/** What a router on the way to a target said it takes, in bytes, when that is less than the device does. */
export function toldMtu(family: Family, binding: Binding, target: string): number | undefined {
  const { interfaceName, interfaceIndex, address, mark } = binding;
  const scopeId = isLinkLocal(address) || isLinkLocal(target) ? interfaceIndex : 0;
  try {
    const local = { interfaceName, address: addressBytes(address), scopeId, mark };
    const known = knownPathMtu(family, local, addressBytes(target));
    return known > 0 && known < mtuOf(binding) ? known : undefined;
  } catch {
    return undefined; // no route, no libc: nobody told us, as far as we can know
  }
}

/** `/sys` may show another network's devices: only for want of libc. */
function fromSys(interfaceName: string): number | undefined {
  try {
    return Number(readFileSync(`/sys/class/net/${interfaceName}/mtu`, 'utf8')) || undefined;
  } catch {
    return undefined; // the caller says that it is not known
  }
}
