import type { Family, PathKey } from '../../../models/path.ts';
import type { ConnectionCount } from '../../../models/snapshot.ts';
import type { State } from '../state/state.ts';

/** The parts of a connection that counting needs. */
interface Counted {
  readonly protocol: string;
  readonly mark: number;
  readonly original: { readonly to: string };
}

/** Counts the connections of one family by mark. Echoes are not connections: most are our own checks. */
export class ConnectionCounter {
  readonly #mask: number;
  readonly #byMark = new Map<number, { own: string | undefined; count: number; inbound: number }>();
  readonly #state: State;
  readonly #family: Family;

  constructor(state: State, family: Family) {
    this.#state = state;
    this.#family = family;
    this.#mask = state.config.fwmarkMask;
    for (const { family: other, provider, binding, remembered } of state.paths.values()) {
      if (other !== family) continue;
      const own = (binding ?? remembered)?.address;
      this.#byMark.set(provider.mark, { own, count: 0, inbound: 0 });
    }
  }

  add({ protocol, mark, original }: Counted): void {
    const found = this.#byMark.get((mark & this.#mask) >>> 0);
    if (found === undefined || protocol.startsWith('icmp')) return;
    found.count += 1;
    if (original.to === found.own) found.inbound += 1;
  }

  /** Connections that came in from outside are not stranded: they cannot be anywhere else. */
  counts(): [PathKey, ConnectionCount][] {
    const fresh = this.#state.newTraffic[this.#family];
    return [...this.#state.paths.values()].flatMap(({ key, provider, family, expected }) => {
      const found = this.#byMark.get(provider.mark);
      if (family !== this.#family || !expected || found === undefined) return [];
      const { count, inbound } = found;
      return [[key, { count, stranded: fresh.includes(provider.id) ? 0 : count - inbound }]];
    });
  }
}
