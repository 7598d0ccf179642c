import type { Config } from '../../../models/config.ts';
import type { Sticky } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { Lease } from '../../../models/lease.ts';
import type { Links } from '../../../models/link.ts';
import type { Modem } from '../../../models/modem.ts';
import { type Binding, type Family, families, type PathKey, pathKey } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';
import type { Health, Liveness } from '../../../models/snapshot.ts';
import { type Step, uneventful } from '../effects.ts';
import type { Complaint } from './complaints.ts';
import { DecisionIds } from './decision-ids.ts';
import { newDiagnosis } from './findings.ts';
import { discoversGateway, newSearch } from './gateway-search.ts';
import { GroupedRoutes } from './grouped-routes.ts';
import { leasesInForce } from './leases.ts';
import { DeviceLoad } from './load.ts';
import type { Memory, PathMemory, Remembered, SlowRtt } from './memory.ts';
import { newPacing } from './pacing.ts';
import { Packets } from './packets.ts';
import { type LimitedFigure, newRecovery } from './recovery.ts';
import { newSight } from './sight.ts';
import type { Spending } from './spending.ts';
import { justBecause } from './why.ts';
import { Window } from './window.ts';

/** The number of each device that a pattern ever matched, by name. */
export type DeviceNumbers = ReadonlyMap<string, number>;

/**
 * Everything that decisions depend on. It belongs to the loop, and `step` advances it in place, so that one
 * result costs the same with three providers as with a thousand.
 */
export interface State {
  configured: Config; // as the operator wrote it
  config: Config; // the same, plus a provider for each device that its patterns match now
  numbers: DeviceNumbers; // of devices that a pattern matched
  readonly recalled: Map<PathKey, PathMemory>; // from an earlier run; empty once the devices have been read
  at: Instant; // of the last event
  readonly ids: DecisionIds;
  readonly groupedRoutes: GroupedRoutes;
  readonly startedAt: Instant;
  readonly paths: Map<PathKey, PathState>;
  // These four are replaced, never changed in place: `step` compares them to see what an event changed.
  active: Readonly<Record<Family, readonly string[]>>; // provider ids
  newTraffic: Readonly<Record<Family, readonly string[]>>; // ids of the providers that get new connections
  allDown: Readonly<Record<Family, boolean>>; // no path passes its checks
  suspectedAt: Readonly<Record<Family, Instant>>; // when a target seemed to fail, not a line; 0: never
  sticky: Sticky | undefined;
  ignoredPin: string | undefined; // why the sticky file as it is now cannot be used
  links: Links | undefined; // undefined until first read
  modems: readonly Modem[];
  readonly targets: Readonly<Record<Family, Map<string, TargetState>>>; // by name
  readonly deadTargets: Record<Family, ReadonlySet<string>>; // names
  readonly loads: Map<string, DeviceLoad>; // by device, of those that carried something
  readonly leases: Map<string, Lease>; // by `leaseKey`
}

/** One provider in one family: its binding, the results of its checks, and what follows from them. */
export class PathState {
  readonly key: PathKey;
  readonly uneventful: Step; // for a result that changes nothing
  provider: Provider;
  readonly family: Family;
  expected = false; // the provider has or had this family, so that its absence is a failure
  binding: Binding | undefined;
  obstacle: string | undefined; // why it cannot work now, whatever its checks say: no carrier, no address, …
  remembered: Remembered | undefined;
  judged: Remembered | undefined; // the line that the results of its checks are about
  search = newSearch; // for its gateway, where it is to be discovered
  readonly findings = newDiagnosis(); // what is known of its layers

  window: Window;
  slowRtt: SlowRtt | undefined; // from an earlier run, where its answers took long
  packets = new Packets(); // those of its checks that are a sample of the line
  consecutiveFailed = 0;
  consecutiveSucceeded = 0; // of stored checks
  failedSince: Instant | undefined; // when the current run of failures began: start of its first check, or before
  outageFrom: Instant | undefined; // start of that first check, never moved on by times in which nobody looked
  silence: Silence | undefined; // of the traffic on its device, unless a check passed since
  failedStarts: Instant[] = []; // starts of the latest failures of that run, at most `rememberedFailures`
  lastStoredStart: Instant | undefined;
  lastReason: string | undefined; // of the latest failed check
  readyAt: Instant = 0; // from when on it can be checked with its current binding
  lastStart: Instant | undefined;
  lastEnd: Instant | undefined;
  seenUntil: Instant | undefined; // end of the latest check that could be run
  checks = 0; // run so far; drives the spread of starts
  intervalMs: number; // between the starts of two checks while all is well
  load: DeviceLoad | undefined; // of its device; undefined: it carried nothing yet
  spending: Spending | undefined; // what its checks cost; undefined: nothing yet
  readonly complaints = new Map<string, Complaint>(); // of scenarios that fail while the checks pass, by name
  notRun: string | undefined; // why the latest check could not be run
  readonly sight = newSight();

  liveness: Liveness = 'unknown';
  health: Health = 'unknown';
  since: Instant | undefined; // of the current health
  why = noCheckYet; // of the current health
  penalty = 0; // RFC 2439 figure of merit, as of `penaltyAt`
  penaltyAt: Instant = 0;
  failovers: readonly Instant[] = []; // away from it, oldest first; those of the last hour count
  readonly pacing = newPacing();
  readonly recovery = newRecovery();
  exceeds: LimitedFigure | undefined; // whose limit alone keeps it from being trusted

  /** A path of which nothing is known yet. */
  constructor(provider: Provider, family: Family, config: Config) {
    this.key = pathKey(provider.id, family);
    this.uneventful = uneventful(this.key);
    this.provider = provider;
    this.family = family;
    this.window = new Window(config.maxStoredTestResultCount);
    this.intervalMs = intervalOf(provider, family, config);
  }
}

const noCheckYet = justBecause('no check has ended yet');

/** Traffic that is no longer answered. */
export interface Silence {
  readonly since: Instant; // no earlier than the last arrival
  readonly noticedAt: Instant;
}

/** How one target fares through each path of its family. */
export interface TargetState {
  readonly family: Family;
  readonly target: string;
  readonly failures: Map<PathKey, number>; // in a row
  deadSince: Instant | undefined;
  answers: number; // while dead, since it last failed through a path of `answeredBy`
  answersSince: Instant; // of the first of them
  readonly answeredBy: Set<PathKey>; // the paths they came through
  backAt: Instant | undefined; // when it was last taken back; undefined: never, or long ago
  relapses: number; // how often it died again soon after it was taken back
}

/** A state before the first event. `memory`: from an earlier run, if it can be trusted. */
export function initial(config: Config, at: Instant, memory?: Memory): State {
  const recalled = new Map(memory?.paths.map((path) => [path.key, path]));
  const state: State = {
    configured: config,
    config,
    numbers: new Map(Object.entries(memory?.numbers ?? {})),
    recalled,
    at,
    ids: new DecisionIds(),
    groupedRoutes: new GroupedRoutes(),
    startedAt: at,
    paths: new Map(),
    active: { 4: [], 6: [] },
    newTraffic: { 4: [], 6: [] },
    allDown: { 4: false, 6: false },
    suspectedAt: { 4: 0, 6: 0 },
    sticky: undefined,
    ignoredPin: undefined,
    links: undefined,
    modems: [],
    targets: { 4: new Map(), 6: new Map() },
    deadTargets: { 4: new Set(), 6: new Set() },
    loads: new Map(
      Object.entries(memory?.loads ?? {}).map(([device, known]) => [device, new DeviceLoad(at, known)]),
    ),
    leases: leasesInForce(memory?.leases ?? [], at),
  };
  for (const provider of config.providers) {
    for (const family of families) {
      const path = recalledPath(state, provider, family);
      state.paths.set(path.key, path);
    }
  }
  // Which devices the patterns match is not known yet.
  const exists = (id: string): boolean =>
    config.patterns !== undefined || config.providers.some((provider) => provider.id === id);
  if (memory !== undefined) {
    state.active = { 4: memory.active[4].filter(exists), 6: memory.active[6].filter(exists) };
    state.newTraffic = state.active;
  }
  return state;
}

/** A path new to this run, with what an earlier run remembered of it. */
export function recalledPath(state: State, provider: Provider, family: Family): PathState {
  const path = new PathState(provider, family, state.config);
  const earlier = state.recalled.get(path.key);
  if (earlier !== undefined) recall(path, earlier);
  return path;
}

/** `checkInterval`, or the shortest interval of the scenarios if all of them have their own. */
export function intervalOf(provider: Provider, family: Family, config: Config): number {
  const scenarios = provider.testScenarios ?? config.testScenarios;
  if (scenarios.every(({ everyMs }) => everyMs === undefined)) return config.checkIntervalMs;
  const used = scenarios.filter((scenario) => scenario.families.includes(family));
  const shortest = Math.min(...used.map(({ everyMs = 0 }) => everyMs));
  return used.length === 0 ? config.checkIntervalMs : Math.max(config.checkIntervalMs, shortest);
}

/** Gives a new path what an earlier run remembered of it. */
function recall(path: PathState, memory: PathMemory): void {
  path.remembered = memory.remembered;
  path.judged = memory.judged ?? memory.remembered;
  path.search = {
    ...newSearch,
    proven: discoversGateway(path.provider, path.family) ? memory.remembered?.gateway : undefined,
  };
  path.window = new Window(path.window.capacity, memory.samples);
  path.slowRtt = memory.slowRtt;
  path.packets = new Packets(memory.packets);
  path.lastStoredStart = memory.samples.at(-1)?.startedAt;
  path.health = memory.health;
  // Doubt needs the starts of its failures, which are not kept: the next check restores it if it still
  // applies.
  path.liveness = memory.liveness === 'doubt' ? 'up' : memory.liveness;
  path.outageFrom = memory.liveness === 'down' ? (memory.outageFrom ?? memory.since) : undefined;
  path.consecutiveFailed = memory.liveness === 'doubt' ? 0 : memory.consecutiveFailed;
  path.consecutiveSucceeded = memory.consecutiveSucceeded;
  path.since = memory.since;
  path.why = justBecause(memory.why);
  path.penalty = memory.penalty;
  path.penaltyAt = memory.penaltyAt;
  path.failovers = memory.failovers ?? [];
}
