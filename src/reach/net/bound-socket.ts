import type { Binding, Family } from '../../../models/path.ts';
import { boundSocket, LibcError } from '../../kernel/libc.ts';
import { addressBytes } from '../address-bytes.ts';
import { openFailure } from '../failure.ts';
import { ReachError } from '../reach-error.ts';

/** A TCP or UDP socket bound to a device and its address; the caller owns the descriptor. @throws {ReachError} */
export function openSocket(kind: 'tcp' | 'udp', family: Family, binding: Binding): number {
  const { interfaceName, address, mark } = binding;
  const scopeId = isLinkLocal(address) ? binding.interfaceIndex : 0;
  try {
    return boundSocket(kind, family, { interfaceName, address: addressBytes(address), scopeId, mark });
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    throw new ReachError(openFailure(error.code, family, binding), { cause: error });
  }
}

/** Whether an IPv6 address needs a device to mean anything (RFC 4291 2.5.6). */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address);
}
