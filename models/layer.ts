/**
 * What must work for a provider to be of use, from the bottom up. The first that does not is the cause: what lies above
 * it cannot work either.
 */
export type Layer = 'carrier' | 'address' | 'gateway' | 'target' | 'dns' | 'http' | 'mtu';

/** All layers, from the bottom up. */
export const layers: readonly Layer[] = ['carrier', 'address', 'gateway', 'target', 'dns', 'http', 'mtu'];

/** The lowest of several layers; `undefined` of none. */
export function lowest(found: readonly Layer[]): Layer | undefined {
  return layers.find((layer) => found.includes(layer));
}

/** Where a check that failed broke, as far as the check alone can show. */
export interface Fault {
  readonly layer: Layer;
  readonly beyond: boolean; // something beyond the gateway passed
  readonly answered: boolean; // something answered, if only to refuse or to say what is not wanted
  readonly unfinished?: true; // all that failed were programs that did not end in time
  readonly portal?: string; // the login page that answered in place of what was asked, without its query
}

/** What was found out about the size of packets on a path. Sizes are those of whole IP packets, in bytes. */
export interface PathMtu {
  readonly target: string; // the address that was probed
  readonly size: number; // a full-size packet: the MTU of the device
  readonly passes: boolean;
  readonly largest?: number; // the largest that passed; absent when `passes`, or when it was not found
  readonly told?: number; // what a router on the path says it takes (ICMP): senders adapt to that by themselves
}
