import type { Binding } from '../../../models/path.ts';
import type { Failure } from '../../../models/test-result.ts';
import { failed, notRun } from '../../reach/failure.ts';

/** Why an echo could not be sent, from the errno of the call, if the socket itself is sound. */
export function sendFailure(code: string, target: string, binding: Binding): Failure {
  const { interfaceName } = binding;
  switch (code) {
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EINVAL': // from a blackhole route
      return failed('unreachable', `no route to ${target} through ${interfaceName}`);
    case 'EACCES':
      return failed('unreachable', `a route prohibits ${target} through ${interfaceName}`);
    case 'EMSGSIZE':
      return failed(
        'too-large',
        `the packet is too large for the path to ${target} through ${interfaceName}`,
      );
    case 'EAGAIN':
    case 'ENOBUFS':
      return notRun(`the send buffer of ${interfaceName} is full`);
    case 'ENODEV':
    case 'ENXIO':
      return notRun(`interface ${interfaceName} is missing`);
    case 'ENETDOWN':
      return notRun(`interface ${interfaceName} is down`);
    case 'EADDRNOTAVAIL':
      return notRun(`address ${binding.address} is gone from ${interfaceName}`);
    case 'EPERM':
      return notRun(`a firewall rule of this machine forbids echo requests through ${interfaceName}`);
    default:
      return notRun(`the echo request to ${target} could not be sent through ${interfaceName}: ${code}`);
  }
}
