/**
 * Connections are marked, cut when their provider is dead, and counted on request. After a switch: routes,
 * rules and marks are put in place; they are read back from the kernel; the connections of the provider that
 * left are cut, by our mark alone; and once more a little later, for those that slipped in.
 */
import type { UnnumberedDecision } from '../../models/decision.ts';
import type { KernelNote } from '../../models/event.ts';
import { messageOf } from '../../models/message-of.ts';
import { type Family, families, type PathKey, pathKey } from '../../models/path.ts';
import type { ConnectionCount } from '../../models/snapshot.ts';
import { ConnectionCounter } from '../core/connections/connection-counter.ts';
import { cutDecision, unableDecision, uncutDecision } from '../core/connections/connection-decisions.ts';
import { drainAction } from '../core/connections/departures.ts';
import { expectedEgress } from '../core/connections/expected-egress.ts';
import { markTable, spellLoading, spellMarkTable } from '../core/connections/mark-table.ts';
import { clientSetName } from '../core/connections/sticky-clients.ts';
import type { Departure } from '../core/effects.ts';
import type { PathState, State } from '../core/state/state.ts';
import { cutConnections, listConnections } from '../kernel/conntrack.ts';
import { endSockets, type LocalSocket, localEnd } from '../kernel/local-sockets.ts';
import { hasTable, NftTable } from '../kernel/nft-table.ts';
import { lookupRoute } from '../kernel/route-lookup.ts';
import { now } from './clock.ts';

const secondSweepMs = 3000;
const retryMs = 1000; // after an obstacle, or while nothing is due
const urgentMs = 200; // while a provider that left may yet be judged dead
const countValidMs = 2000; // how long a count may be reused
const countTimeoutMs = 1000;

/** Where this reports to. */
export interface ConnectionSinks {
  report(decision: UnnumberedDecision): void;
  note(note: KernelNote): void;
}

/** How many connections each path has. */
export type Counts = ReadonlyMap<PathKey, ConnectionCount>;

export class Connections {
  readonly #sinks: ConnectionSinks;
  readonly #table: NftTable;
  readonly #pending = new Map<string, Departure>(); // by path
  readonly #inProgress = new Set<string>(); // paths
  readonly #postponed = new Set<string>(); // paths
  readonly #reported = new Set<string>(); // sentences
  #state: State | undefined;
  #inPlace: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #count: { readonly at: number; readonly counts: Promise<Counts> } | undefined;

  constructor(sinks: ConnectionSinks) {
    this.#sinks = sinks;
    this.#table = new NftTable((note) => sinks.note(note));
  }

  /** Follows a state whose routes are in place when `routed` resolves. `departed`: since the last call. */
  follow(state: State, routed: Promise<unknown>, departed: readonly Departure[]): void {
    this.#state = state;
    const marked = this.#mark(state);
    this.#inPlace = Promise.all([routed, marked]);
    for (const departure of departed) this.#pending.set(pathKey(departure.id, departure.family), departure);
    this.#cutDue();
  }

  /** Removes the table. Returns what is left of it; undefined: nothing. */
  async remove(): Promise<string | undefined> {
    this.#cancel();
    await this.#table.apply(undefined); // before closing it: it may be busy
    this.#table.close();
    const isLeft = await hasTable().catch(() => false); // without nft there is none
    return isLeft === true ? 'the nftables table inet failover' : undefined;
  }

  /** Stops, but leaves the table in place. */
  close(): void {
    this.#cancel();
    this.#table.close();
  }

  #cancel(): void {
    clearTimeout(this.#timer);
    this.#pending.clear();
  }

  /** How many connections each path has; empty where they are not marked or cannot be counted. */
  async count(): Promise<Counts> {
    const state = this.#state;
    if (state === undefined || !state.config.connectionMarks) return new Map();
    if (this.#count === undefined || now() - this.#count.at > countValidMs)
      this.#count = { at: now(), counts: countAll(state) };
    try {
      const late = new Promise<Counts>((resolve) => setTimeout(resolve, countTimeoutMs, new Map()).unref());
      return await Promise.race([this.#count.counts, late]);
    } catch (error) {
      this.#unable('connections cannot be counted', error);
      return new Map();
    }
  }

  #mark(state: State): Promise<void> {
    const table = markTable(state);
    return this.#table.apply(
      table && { text: spellMarkTable(table), load: (present) => spellLoading(table, present) },
    );
  }

  /** Cuts what is due now, and looks again while anything is pending. */
  #cutDue(): void {
    const state = this.#state;
    clearTimeout(this.#timer);
    if (state === undefined) return;
    if (!state.config.connectionMarks) this.#pending.clear();
    for (const family of families) {
      const due = [...this.#pending].filter(
        ([key, departure]) =>
          departure.family === family &&
          !this.#inProgress.has(key) &&
          this.#actionFor(key, departure) === 'cut',
      );
      if (due.length > 0) void this.#sweep(family, new Map(due), state);
    }
    if (this.#pending.size === 0) return;
    // No event says that a path has become dead after its departure, so poll for it.
    const isUrgent = [...this.#pending.values()].some(({ why }) => why === 'failed');
    this.#timer = setTimeout(() => this.#cutDue(), isUrgent ? urgentMs : retryMs);
  }

  /** Many may leave at once: reads the kernel back once for all, then cuts them one by one. */
  async #sweep(family: Family, due: ReadonlyMap<string, Departure>, state: State): Promise<void> {
    for (const key of due.keys()) this.#inProgress.add(key);
    try {
      await this.#inPlace;
      const wrong = await wrongEgress(state, family);
      if (wrong !== undefined) return await this.#postpone(due, wrong);
      await this.#cutAll(due, state);
      await pause(secondSweepMs);
      await this.#cutAll(due, state);
      for (const [key, departure] of due) if (this.#pending.get(key) === departure) this.#pending.delete(key);
    } catch (error) {
      this.#unable('connections of a dead provider cannot be cut', error);
      for (const key of due.keys()) this.#pending.delete(key);
    } finally {
      for (const key of due.keys()) this.#inProgress.delete(key);
    }
  }

  async #cutAll(due: ReadonlyMap<string, Departure>, state: State): Promise<void> {
    for (const [key, departure] of due) {
      if (this.#actionFor(key, departure) !== 'cut') continue;
      if (departure.why === 'failed') await this.#forgetClients(departure, state);
      await this.#cut(departure, state);
      this.#postponed.delete(key);
    }
  }

  /** What to do with a departure now; one to keep is no longer pending. */
  #actionFor(key: string, departure: Departure): 'cut' | 'wait' | 'keep' {
    if (this.#state === undefined || this.#pending.get(key) !== departure) return 'keep';
    const action = drainAction(departure, this.#state, now());
    if (action === 'keep') this.#pending.delete(key);
    return action;
  }

  /** Reported once per path until its connections have been cut. */
  async #postpone(due: ReadonlyMap<string, Departure>, reason: string): Promise<void> {
    for (const [key, departure] of due) {
      if (!this.#postponed.has(key)) this.#sinks.report(uncutDecision(now(), departure, reason));
      this.#postponed.add(key);
    }
    await pause(retryMs);
  }

  async #forgetClients({ id, family }: Departure, { config }: State): Promise<void> {
    const set = clientSetName(config, id, family);
    if (set !== undefined) await this.#table.empty(set);
  }

  async #cut(departure: Departure, state: State): Promise<void> {
    const { id, family } = departure;
    const path = state.paths.get(pathKey(id, family));
    if (path === undefined) return;
    const own = localAddresses(path, state);
    const sockets: LocalSocket[] = [];
    const mark = { value: path.provider.mark, mask: state.config.fwmarkMask };
    const count = await cutConnections(family, mark, (connection) => {
      const socket = localEnd(connection, own);
      if (socket !== undefined) sockets.push(socket);
    });
    if (count > 0) this.#sinks.report(cutDecision(state, departure, count));
    await endSockets(sockets).catch((error: unknown) =>
      this.#unable('connections of this machine itself do not notice that their provider is dead', error),
    );
  }

  /** Reported once, as it is unlikely to go away. */
  #unable(sentence: string, error: unknown): void {
    if (this.#reported.has(sentence)) return;
    this.#reported.add(sentence);
    const reason = messageOf(error);
    this.#sinks.report(unableDecision(now(), sentence, reason));
  }
}

/** All addresses of its device: programs may use another than ours, such as a temporary one (RFC 8981). */
function localAddresses(path: PathState, { links }: State): ReadonlySet<string> {
  const device = links?.links.find(({ name }) => name === path.provider.interfaceName);
  const present = (device?.addresses ?? []).filter(({ family }) => family === path.family);
  const known = path.binding?.address ?? path.remembered?.address;
  return new Set([...present.map(({ address }) => address), ...(known === undefined ? [] : [known])]);
}

/** Where the kernel does not route as desired; undefined when it does. */
async function wrongEgress(state: State, family: Family): Promise<string | undefined> {
  for (const { to, mark, devices } of expectedEgress(state, family)) {
    const { dev } = await lookupRoute(family, to, mark);
    if (dev !== undefined && devices.includes(dev)) continue;
    const what = mark === 0 ? 'new connections' : `connections with mark 0x${mark.toString(16)}`;
    return `${what} leave by ${dev ?? 'nowhere'}, not by ${devices.join(' or ')}: see "failover status" for what is in the way`;
  }
  return undefined;
}

async function countAll(state: State): Promise<Counts> {
  const counts = await Promise.all(
    families.map(async (family) => {
      const counter = new ConnectionCounter(state, family);
      await listConnections(family, (connection) => counter.add(connection));
      return counter.counts();
    }),
  );
  return new Map(counts.flat());
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
