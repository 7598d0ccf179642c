/**
 * Connections: they are marked, they are cut when their provider is dead, and they are counted on request. After a
 * switch: routes, rules and marks in place; read back from the kernel; connections of the one that left cut, by our mark
 * alone; the same again a little later, for those that slipped in.
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
const againMs = 1000; // when something was in the way, or nothing is due
const soonMs = 200; // while one that left may be found dead
const countedMs = 2000; // so long a count is good enough
const countMs = 1000; // longer nobody waits for it

/** What goes out from here. */
export interface ConnectionSinks {
  tell(decision: UnnumberedDecision): void;
  note(note: KernelNote): void;
}

/** How many connections each path has. */
export type Counts = ReadonlyMap<PathKey, ConnectionCount>;

export class Connections {
  readonly #sinks: ConnectionSinks;
  readonly #table: NftTable;
  readonly #pending = new Map<string, Departure>(); // by path
  readonly #atWork = new Set<string>();
  readonly #postponed = new Set<string>(); // paths
  readonly #said = new Set<string>();
  #state: State | undefined;
  #inPlace: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #count: { readonly at: number; readonly counts: Promise<Counts> } | undefined;

  constructor(sinks: ConnectionSinks) {
    this.#sinks = sinks;
    this.#table = new NftTable((note) => sinks.note(note));
  }

  /** Follows a state whose routes are in place when `routed` resolves. `left`: what left the traffic since the last call. */
  follow(state: State, routed: Promise<unknown>, left: readonly Departure[]): void {
    this.#state = state;
    const marked = this.#mark(state);
    this.#inPlace = Promise.all([routed, marked]);
    for (const leaving of left) this.#pending.set(pathKey(leaving.id, leaving.family), leaving);
    this.#settle();
  }

  /** Takes the table away. Returns what is left of it; undefined: nothing. */
  async remove(): Promise<string | undefined> {
    this.#forget();
    await this.#table.apply(undefined); // before it is closed: it may be at work
    this.#table.close();
    const isLeft = await hasTable().catch(() => false); // without nft there is none
    return isLeft === true ? 'the nftables table inet failover' : undefined;
  }

  /** The table stays. */
  close(): void {
    this.#forget();
    this.#table.close();
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#pending.clear();
  }

  /** How many connections each path has; empty where they are not marked, or cannot be counted. */
  async count(): Promise<Counts> {
    const state = this.#state;
    if (state === undefined || !state.config.connectionMarks) return new Map();
    if (this.#count === undefined || now() - this.#count.at > countedMs)
      this.#count = { at: now(), counts: countAll(state) };
    try {
      const late = new Promise<Counts>((resolve) => setTimeout(resolve, countMs, new Map()).unref());
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

  /** Looks at the providers that were left, and again while some are to be cut. */
  #settle(): void {
    const state = this.#state;
    clearTimeout(this.#timer);
    if (state === undefined) return;
    if (!state.config.connectionMarks) this.#pending.clear();
    for (const family of families) {
      const due = [...this.#pending].filter(
        ([key, leaving]) =>
          leaving.family === family && !this.#atWork.has(key) && this.#fate(key, leaving) === 'cut',
      );
      if (due.length > 0) void this.#sweep(family, new Map(due), state);
    }
    if (this.#pending.size === 0) return;
    // What a path goes through before it is dead is no decision of its own: it is looked for.
    const isUrgent = [...this.#pending.values()].some(({ why }) => why === 'failed');
    this.#timer = setTimeout(() => this.#settle(), isUrgent ? soonMs : againMs);
  }

  /** Many may leave at once: the kernel is asked once for all of them, and they are cut one after the other. */
  async #sweep(family: Family, due: ReadonlyMap<string, Departure>, state: State): Promise<void> {
    for (const key of due.keys()) this.#atWork.add(key);
    try {
      await this.#inPlace;
      const wrong = await findWrong(state, family);
      if (wrong !== undefined) return await this.#postpone(due, wrong);
      await this.#cutAll(due, state);
      await pause(secondSweepMs);
      await this.#cutAll(due, state);
      for (const [key, leaving] of due) if (this.#pending.get(key) === leaving) this.#pending.delete(key);
    } catch (error) {
      this.#unable('connections of a dead provider cannot be cut', error);
      for (const key of due.keys()) this.#pending.delete(key);
    } finally {
      for (const key of due.keys()) this.#atWork.delete(key);
    }
  }

  async #cutAll(due: ReadonlyMap<string, Departure>, state: State): Promise<void> {
    for (const [key, leaving] of due) {
      if (this.#fate(key, leaving) !== 'cut') continue;
      if (leaving.why === 'failed') await this.#forgetClients(leaving, state);
      await this.#cut(leaving, state);
      this.#postponed.delete(key);
    }
  }

  /** What becomes of it now; what is kept is not looked at again. */
  #fate(key: string, leaving: Departure): 'cut' | 'wait' | 'keep' {
    if (this.#state === undefined || this.#pending.get(key) !== leaving) return 'keep';
    const fate = drainAction(leaving, this.#state, now());
    if (fate === 'keep') this.#pending.delete(key);
    return fate;
  }

  /** Said once of each, until it was cut. */
  async #postpone(due: ReadonlyMap<string, Departure>, reason: string): Promise<void> {
    for (const [key, leaving] of due) {
      if (!this.#postponed.has(key)) this.#sinks.tell(uncutDecision(now(), leaving, reason));
      this.#postponed.add(key);
    }
    await pause(againMs);
  }

  async #forgetClients({ id, family }: Departure, { config }: State): Promise<void> {
    const set = clientSetName(config, id, family);
    if (set !== undefined) await this.#table.empty(set);
  }

  async #cut(leaving: Departure, state: State): Promise<void> {
    const { id, family } = leaving;
    const path = state.paths.get(pathKey(id, family));
    if (path === undefined) return;
    const own = localAddresses(path, state);
    const sockets: LocalSocket[] = [];
    const mark = { value: path.provider.mark, mask: state.config.fwmarkMask };
    const count = await cutConnections(family, mark, (connection) => {
      const socket = localEnd(connection, own);
      if (socket !== undefined) sockets.push(socket);
    });
    if (count > 0) this.#sinks.tell(cutDecision(state, leaving, count));
    await endSockets(sockets).catch((error: unknown) =>
      this.#unable('connections of this machine itself do not notice that their provider is dead', error),
    );
  }

  /** Said once: it lasts. */
  #unable(sentence: string, error: unknown): void {
    if (this.#said.has(sentence)) return;
    this.#said.add(sentence);
    const reason = messageOf(error);
    this.#sinks.tell(unableDecision(now(), sentence, reason));
  }
}

/** All that its device has, as programs may choose another than ours: a temporary one, above all (RFC 8981). */
function localAddresses(path: PathState, { links }: State): ReadonlySet<string> {
  const device = links?.links.find(({ name }) => name === path.provider.interfaceName);
  const present = (device?.addresses ?? []).filter(({ family }) => family === path.family);
  const known = path.binding?.address ?? path.remembered?.address;
  return new Set([...present.map(({ address }) => address), ...(known === undefined ? [] : [known])]);
}

/** What the kernel does otherwise than the state wants; undefined when all is as it should be. */
async function findWrong(state: State, family: Family): Promise<string | undefined> {
  for (const { to, mark, devices } of expectedEgress(state, family)) {
    const { dev } = await lookupRoute(family, to, mark);
    if (dev !== undefined && devices.includes(dev)) continue;
    const what = mark === 0 ? 'new connections' : `connections with mark 0x${mark.toString(16)}`;
    return `${what} leave by ${dev ?? 'nowhere'}, not by ${devices.join(' or ')}: see 'failover status' for what is in the way`;
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
