/** Address family: IPv4 or IPv6. */
export type Family = 4 | 6;

/** Both families, in the order they are shown. */
export const families: readonly Family[] = [4, 6];

/** One provider in one address family: what is checked, judged and elected. `'fibre/4'` */
export type PathKey = `${string}/${Family}`;

/** The key of a provider's path in one family. */
export function pathKey(providerId: string, family: Family): PathKey {
  return `${providerId}/${family}`;
}

/**
 * What a path's packets are bound to right now: device, source address and gateway, as configured or as read from the
 * kernel. It exists only while the device is up and has the address.
 */
export interface Binding {
  readonly interfaceName: string;
  readonly interfaceIndex: number; // changes when a device is re-created under its old name
  readonly address: string; // our own address on the device
  readonly network: string | undefined; // connected prefix in CIDR form; undefined for a lone /32, /128 or peer
  readonly gateway: string | undefined; // undefined on devices without one (tun, WireGuard, PPP)
  readonly mark?: number; // on its packets, if another path has the same device and address
  readonly dns?: readonly string[]; // nameservers reported for the device; absent: none, or names are not resolved by them
}

/** Whether packets with either binding leave in the same way. The connected network plays no part in that. */
export function sameBinding(a: Binding | undefined, b: Binding | undefined): boolean {
  if (a === b) return true; // true for nearly every check
  if (a === undefined || b === undefined) return false;
  return (
    a.interfaceIndex === b.interfaceIndex &&
    a.interfaceName === b.interfaceName &&
    a.address === b.address &&
    a.gateway === b.gateway &&
    a.mark === b.mark &&
    String(a.dns) === String(b.dns)
  );
}
