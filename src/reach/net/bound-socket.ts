import { isLinkLocal } from '../../../models/link-local.ts';
import { boundSocket, LibcError } from '../../kernel/libc.ts';
import { addressBytes } from '../address-bytes.ts';
import { openFailure } from '../failure.ts';
import type { ReachContext } from '../reach-context.ts';
import { ReachError } from '../reach-error.ts';

/**
 * A TCP or UDP socket bound to the device and address of a path; the caller owns the descriptor. Opens nothing
 * once the run is over: code that waited for anything but its scope, such as a file, may get here late.
 * @throws {ReachError}
 */
export function openSocket(kind: 'tcp' | 'udp', { family, binding, scope }: ReachContext): number {
  scope.assertRunning();
  const { interfaceName, address, mark } = binding;
  const scopeId = isLinkLocal(address) ? binding.interfaceIndex : 0;
  try {
    return boundSocket(kind, family, { interfaceName, address: addressBytes(address), scopeId, mark });
  } catch (error) {
    if (!(error instanceof LibcError)) throw error;
    throw new ReachError(openFailure(error.code, family, binding), { cause: error });
  }
}
