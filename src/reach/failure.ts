/** Composes failures, those of echoes among them: what happened, with a sentence. */
import type { Binding, Family } from '../../models/path.ts';
import type { Failure, FailureDetail, PlainCode } from '../../models/test-result.ts';

/** A failed check. */
export function failed(what: PlainCode | FailureDetail, reason: string): Failure {
  return typeof what === 'string' ? { ok: false, code: what, reason } : { ok: false, ...what, reason };
}

/** A check that could not be made. */
export function notRun(reason: string): Failure {
  return { ok: false, code: 'not-run', reason };
}

/** The failure of an echo that was not answered in time. */
export function noAnswer(timeoutMs: number): Failure {
  const afterMs = Math.round(timeoutMs);
  return { ok: false, code: 'no-answer', afterMs, reason: `no answer within ${afterMs} ms` };
}

/** A run in which this process stalled for so long (stopped, starved) that an answer may have come in time unseen. */
export function stoodStill(ms: number): Failure {
  const seconds = (ms / 1000).toFixed(1);
  return failed('stalled', `this process stood still for ${seconds} s while it waited for an answer`);
}

/** Why ping sockets are not permitted. */
export const excludedFromPingSockets = 'net.ipv4.ping_group_range does not include our group';

/** The command that permits ping sockets. */
export const permitPingSockets = "run sysctl -w net.ipv4.ping_group_range='0 2147483647'";

/** Why a socket could not be opened on a device, from the errno of the call. */
export function openFailure(code: string, family: Family, binding: Binding): Failure {
  const { interfaceName, address, mark } = binding;
  const [doing, right] =
    mark === undefined ? ['binding to', 'CAP_NET_RAW'] : ['marking packets of', 'CAP_NET_ADMIN'];
  const known: Record<string, string> = {
    ENODEV: `interface ${interfaceName} is missing`,
    EADDRNOTAVAIL: `address ${address} is gone from ${interfaceName}`,
    EACCES: `ping sockets are not permitted: ${excludedFromPingSockets}: ${permitPingSockets}`,
    EPERM: `${doing} ${interfaceName} is not permitted: run as root, or give ${right}`,
    EAFNOSUPPORT: `this kernel has no IPv${family}`,
    EMFILE: 'all file descriptors of this process are in use: raise its limit (LimitNOFILE)',
    ENFILE: 'all file descriptors of this machine are in use: raise fs.file-max',
    EKOFFI: 'the libc binding (koffi) does not work on this machine',
  };
  return notRun(known[code] ?? `no ICMP socket could be opened on ${interfaceName}: ${code}`);
}

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
