/** The failures of connections, in words. */
import type { Binding } from '../../../models/path.ts';
import { failure, impossible, type ReachError } from '../reach-error.ts';

/** Why a connection could not be opened. */
export function connectFailure(error: Error, where: string, binding: Binding): ReachError {
  const { interfaceName, address } = binding;
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
      return failure('refused', `${where} refused the connection`, error);
    case 'ECONNRESET':
      return failure('refused', `${where} reset the connection`, error);
    case 'ETIMEDOUT':
      return failure('no-answer', `${where} did not answer: the kernel gave up`, error);
    case 'EHOSTUNREACH':
      return failure(
        'unreachable',
        `${where} cannot be reached through ${interfaceName}: host unreachable`,
        error,
      );
    case 'ENETUNREACH':
    case 'EINVAL': // from a blackhole route
      return failure('unreachable', `no route to ${where} through ${interfaceName}`, error);
    case 'EACCES':
      return failure('unreachable', `a route or firewall prohibits ${where} through ${interfaceName}`, error);
    case 'EPERM':
      return impossible(`a firewall rule of this machine forbids connections to ${where}`, error);
    case 'ENODEV':
    case 'ENXIO':
      return impossible(`interface ${interfaceName} is missing`, error);
    case 'ENETDOWN':
      return impossible(`interface ${interfaceName} is down`, error);
    case 'EADDRNOTAVAIL':
      return impossible(`address ${address} is gone from ${interfaceName}, or has no free port left`, error);
    default:
      return failure('refused', `connecting to ${where} failed: ${codeOf(error)}`, error);
  }
}

/** Why an open connection ended. */
export function brokenFailure(error: Error, where: string, doing: string): ReachError {
  const code = codeOf(error);
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return failure('refused', `${where} reset the connection while ${doing}`, error);
  return failure('refused', `the connection to ${where} broke while ${doing}: ${code}`, error);
}

/** The code of a system error, else its message. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
