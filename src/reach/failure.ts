/** The words for what can go wrong with an echo. `notRun`: the check could not be made, which says nothing about the provider. */
import type { Binding, Family } from '../../models/path.ts';
import type { TestResult } from '../../models/test-result.ts';

/** A check that did not pass. */
export type Failure = Extract<TestResult, { ok: false }>;

/** A failed check. */
export function failed(reason: string): Failure {
  return { ok: false, reason };
}

/** A check that could not be made. */
export function notRun(reason: string): Failure {
  return { ok: false, reason, notRun: true };
}

/** The failure of an echo that was not answered in time. */
export function noAnswer(timeoutMs: number): Failure {
  return failed(`no answer within ${Math.round(timeoutMs)} ms`);
}

/** The time in the reason of a `noAnswer`, in ms; `undefined` for every other reason. */
export function unansweredMs(reason: string): number | undefined {
  const found = /^no answer within (\d+) ms$/.exec(reason)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** A run in which this process stood still for so long (stopped, starved) that nobody knows whether an answer came in time. */
export function stoodStill(ms: number): Failure {
  return notRun(`this process stood still for ${(ms / 1000).toFixed(1)} s while it waited for an answer`);
}

/** Whether a failure is a `stoodStill`. */
export function hasStoodStill(result: TestResult): boolean {
  return !result.ok && result.notRun === true && result.reason.startsWith('this process stood still');
}

/** What it takes to be allowed ping sockets. */
export const permitPingSockets =
  "net.ipv4.ping_group_range does not include our group: run sysctl -w net.ipv4.ping_group_range='0 2147483647'";

/** Why a ping socket could not be opened on a device, from the errno of the call. */
export function openFailure(code: string, family: Family, binding: Binding): Failure {
  const { interfaceName, address, mark } = binding;
  const [doing, right] =
    mark === undefined ? ['binding to', 'CAP_NET_RAW'] : ['marking packets of', 'CAP_NET_ADMIN'];
  const known: Record<string, string> = {
    ENODEV: `interface ${interfaceName} is missing`,
    EADDRNOTAVAIL: `address ${address} is gone from ${interfaceName}`,
    EACCES: `ping sockets are not permitted: ${permitPingSockets}`,
    EPERM: `${doing} ${interfaceName} is not permitted: run as root, or give ${right}`,
    EAFNOSUPPORT: `this kernel has no IPv${family}`,
    EMFILE: 'all file descriptors of this process are in use: raise its limit (LimitNOFILE)',
    ENFILE: 'all file descriptors of this machine are in use: raise fs.file-max',
    EKOFFI: 'the libc binding (koffi) does not work on this machine',
  };
  return notRun(known[code] ?? `no ping socket could be opened on ${interfaceName}: ${code}`);
}

/** Why an echo could not be sent, from the errno of the call, when the socket itself is in order. */
export function sendFailure(code: string, target: string, binding: Binding): Failure {
  const { interfaceName } = binding;
  switch (code) {
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EINVAL': // what a blackhole route gives
      return failed(`no route to ${target} through ${interfaceName}`);
    case 'EACCES':
      return failed(`a route prohibits ${target} through ${interfaceName}`);
    case 'EMSGSIZE':
      return failed(`the packet is too large for the path to ${target} through ${interfaceName}`);
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
