/**
 * What must work for a provider to be usable, from the bottom up. The first layer that does not is the cause: those
 * above it cannot work either.
 */
export type Layer = 'radio' | 'carrier' | 'address' | 'gateway' | 'target' | 'dns' | 'http' | 'mtu';

/** All layers, from the bottom up. */
export const layers: readonly Layer[] = [
  'radio',
  'carrier',
  'address',
  'gateway',
  'target',
  'dns',
  'http',
  'mtu',
];

/** The lowest of several layers; `undefined` if there is none. */
export function lowest(found: readonly Layer[]): Layer | undefined {
  return layers.find((layer) => found.includes(layer));
}

/** Where a failed check broke, as far as the check alone can show. */
export interface Fault {
  readonly layer: Layer;
  readonly beyond: boolean; // something beyond the gateway passed
  readonly answered: boolean; // something answered, if only with a refusal or a wrong answer
  readonly unfinished?: true; // every failure was a program that did not end in time
  readonly portal?: string; // the login page that answered in place of the target, without its query
}

/** What was found out about the size of packets on a path. Sizes are those of whole IP packets, in bytes. */
export interface PathMtu {
  readonly target: string; // the address that was probed
  readonly size: number; // a full-size packet: the MTU of the device
  readonly passes: boolean;
  readonly largest?: number; // the largest that passed; absent if `passes`, or if it was not found
  readonly told?: number; // the MTU that a router on the path reported (ICMP): senders adapt to that by themselves
}
