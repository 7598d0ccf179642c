import { isLinkLocal } from '../../../models/link-local.ts';
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
