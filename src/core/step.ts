/**
 * One event in, the state advanced, the decisions that follow. Pure in what it concludes: no clock, chance, process,
 * file or socket; the same events give the same states.
 */
import type { Decision } from '../../models/decision.ts';
import type { CheckEvent, DiagnosisEvent, Event } from '../../models/event.ts';
import type { Links } from '../../models/link.ts';
import { type Family, families, pathKey } from '../../models/path.ts';
import { isNotRun } from '../../models/test-result.ts';
import { recordProbe } from './binding/gateway-discovery.ts';
import { matchingProviders, providerChanges } from './binding/pattern-providers.ts';
import { bindAll } from './binding/rebind.ts';
import { type Candidate, elect } from './election/election.ts';
import { newTrafficIds } from './election/new-traffic.ts';
import { causeOf, noteDiagnosis } from './health/cause.ts';
import { neverAnsweredReason, noteCheck, noteLate, watchClosely } from './health/liveness.ts';
import { judge } from './health/reliability.ts';
import { noteTargets, recoveredWithinRound, suspectTarget, type TargetChange } from './health/targets.ts';
import { reconfigure } from './reconfigure.ts';
import {
  causeDecision,
  gatewayDecision,
  healthDecision,
  ignoredPin,
  kernelDecision,
  lifeDecision,
  memberDecision,
  mtuDecision,
  obstacleDecision,
  stickyDecision,
  switchDecision,
  targetDecision,
} from './report/decisions.ts';
import { noteComplaints } from './state/complaints.ts';
import { discoversGateway } from './state/gateway-search.ts';
import { spend } from './state/spending.ts';
import type { PathState, State } from './state/state.ts';

const causePaceMs = 10_000; // between causes told of one outage
const latelyMs = 1000; // for a check to end, on top of the interval between starts

/** What nearly every result leads to. */
const none: readonly [] = [];

export function step(state: State, event: Event): readonly Decision[] {
  state.at = Math.max(state.at, event.at);
  switch (event.type) {
    case 'check':
    case 'late': {
      const path = state.paths.get(event.path);
      return path === undefined || !path.expected ? none : checked(state, path, event);
    }
    case 'diagnosis': {
      const path = state.paths.get(event.path);
      return path === undefined || !path.expected ? none : diagnosed(state, path, event);
    }
    case 'links':
      return linked(state, event.links);
    case 'sticky':
      if (event.problem !== undefined) return [ignoredPin(state.at, event.problem)];
      return pinned(state, event.sticky);
    case 'config': {
      state.configured = event.config;
      reconfigure(state, matchingProviders(state));
      const decision = lifeDecision(state.at, 'config', 'configuration reloaded');
      return [decision, ...rebind(state), ...judgeAll(state), ...electAll(state)];
    }
    case 'kernel':
      return [kernelDecision(state.at, event.note)];
    case 'tick':
      return [...expirePin(state), ...judgeAll(state), ...electAll(state)];
    default:
      return event satisfies never;
  }
}

/** Devices that are gone fail first, so that what follows has that for its reason; then they are no providers any more. */
function linked(state: State, links: Links): readonly Decision[] {
  state.links = links;
  const config = matchingProviders(state);
  const news = providerChanges(state, config);
  const failed = news.some(({ added }) => !added) ? [...rebind(state), ...electAll(state)] : none;
  if (news.length > 0) reconfigure(state, config);
  state.recalled.clear();
  const told = news.map((each) => memberDecision(state.at, each));
  return [...failed, ...told, ...rebind(state), ...electAll(state)];
}

function checked(
  state: State,
  path: PathState,
  event: Extract<Event, { type: 'check' | 'late' }>,
): readonly Decision[] {
  const before = path.liveness;
  const targets = event.type === 'check' ? takeCheck(state, path, event) : none;
  if (event.type === 'late') noteLate(path, event, state.config);
  const judged = judgePath(state, path);
  const found =
    event.type === 'check' && discoversGateway(path.provider, path.family)
      ? advanceDiscovery(state, path, event)
      : none;
  // Without a change in the path nothing can change in the election, and a thousand others need not be looked at.
  const isSame = path.liveness === before && neverAnsweredReason(path, state.at) === undefined;
  if (targets.length === 0 && judged.length === 0 && found.length === 0 && isSame)
    return causeNews(state, path);
  const decisions = targets.map((change) => targetDecision(state.at, change));
  return [...decisions, ...judged, ...found, ...causeNews(state, path), ...electFamily(state, path.family)];
}

/** Takes in a check. Returns the targets that were found dead by it, or alive. */
function takeCheck(state: State, path: PathState, event: CheckEvent): readonly TargetChange[] {
  const before = path.liveness;
  noteCheck(path, event, state.config);
  path.findings.fault = event.fault;
  noteComplaints(path, event);
  const targets = noteTargets(state, path, event);
  if (recoveredWithinRound(state, path, event)) watchClosely(path, state.config, event.at);
  if (before === 'up' && path.liveness === 'doubt') suspectTarget(state, path, event);
  return targets;
}

/** Goes on with the search for a gateway. */
function advanceDiscovery(state: State, path: PathState, { result }: CheckEvent): readonly Decision[] {
  if (state.links === undefined || isNotRun(result)) return none;
  const news = recordProbe(path, result.ok, state.links, state.paths);
  if (news === undefined) return none;
  state.gatewayRevision += 1;
  if (news === 'next') return rebind(state);
  rebind(state); // keeps it
  return [gatewayDecision(state.at, path)];
}

/** What was found out moves nothing; it may tell why a path is down. */
function diagnosed(state: State, path: PathState, event: DiagnosisEvent): readonly Decision[] {
  const isNews = noteDiagnosis(path.findings, event);
  if (event.bytes !== undefined) spend(path, event.at, { bytes: event.bytes, checks: 0 });
  const news = isNews && path.findings.mtu ? [mtuDecision(state.at, path, path.findings.mtu)] : none;
  return [...news, ...judgePath(state, path), ...causeNews(state, path)];
}

/** Tells the cause of an outage once it is known, when the verdict could not yet. */
function causeNews({ at }: State, path: PathState): readonly Decision[] {
  const { findings, liveness, health, obstacle } = path;
  if (liveness !== 'down' || health !== 'unreliable' || obstacle !== undefined) return none;
  const cause = causeOf(path);
  if (cause?.words === undefined || cause.words === findings.told) return none;
  if (findings.told !== undefined && at - findings.toldAt < causePaceMs) return none;
  findings.told = cause.words;
  findings.toldAt = at;
  return [causeDecision(at, path, cause)];
}

function rebind(state: State): Decision[] {
  if (state.links === undefined) return [];
  return bindAll(state, state.links).flatMap(({ path, hasOtherObstacle }) => {
    const judged = judgePath(state, path);
    return judged.length > 0 || !hasOtherObstacle ? judged : [obstacleDecision(state.at, path)];
  });
}

/** An id that no provider has changes nothing: not the pin that stands, not the choice. */
function pinned(state: State, sticky: State['sticky']): Decision[] {
  if (sticky !== undefined && !state.config.providers.some(({ id }) => id === sticky.id)) {
    return [ignoredPin(state.at, `no provider has the id '${sticky.id}'`)];
  }
  const before = state.sticky;
  state.sticky = sticky?.until !== undefined && sticky.until <= state.at ? undefined : sticky;
  if (before?.id === state.sticky?.id && before?.until === state.sticky?.until) return [];
  return [stickyDecision(state.at, before, state.sticky), ...electAll(state)];
}

function expirePin(state: State): Decision[] {
  const { sticky } = state;
  return sticky?.until === undefined || sticky.until > state.at ? [] : pinned(state, undefined);
}

function judgeAll(state: State): Decision[] {
  return [...state.paths.values()].flatMap((path) => (path.expected ? judgePath(state, path) : []));
}

function judgePath(state: State, path: PathState): readonly Decision[] {
  const verdict = judge(path, state.config, state.at);
  const from = path.health;
  path.why = verdict.why;
  if (verdict.health === from) return none;
  path.health = verdict.health;
  path.since = state.at;
  path.findings.told = causeOf(path)?.words;
  path.findings.toldAt = state.at;
  return [healthDecision(state.at, path, from, verdict)];
}

function electAll(state: State): Decision[] {
  return state.links === undefined ? [] : families.flatMap((family) => electFamily(state, family));
}

function electFamily(state: State, family: Family): Decision[] {
  const candidates = candidatesOf(state, family);
  const decisions = candidates.length === 0 ? noCandidates(state, family) : choose(state, family, candidates);
  const fresh = newTrafficIds(state, family);
  if (!sameIds(fresh, state.newTraffic[family])) state.newTraffic = { ...state.newTraffic, [family]: fresh };
  return decisions;
}

function noCandidates(state: State, family: Family): Decision[] {
  state.active[family] = [];
  state.allDown[family] = false;
  return [];
}

function choose(state: State, family: Family, candidates: readonly Candidate[]): Decision[] {
  const current = state.active[family];
  const choice = elect(candidates, current, {
    config: state.config,
    sticky: state.sticky?.id,
    now: state.at,
  });
  state.allDown[family] = choice.allDown;
  if (sameIds(choice.ids, current)) return [];
  state.active[family] = choice.ids;
  const chosen = new Set(choice.ids);
  const left = current.filter((id) => !chosen.has(id));
  const leftBy = left.flatMap((id) => state.paths.get(pathKey(id, family)) ?? []);
  return [switchDecision(state.at, { family, from: current, choice, left: leftBy })];
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}

function candidatesOf(state: State, family: Family): Candidate[] {
  const candidates: Candidate[] = [];
  for (const path of state.paths.values()) {
    if (path.family !== family || !path.expected) continue;
    const { provider, health, liveness, since, why } = path;
    const obstructed = path.obstacle !== undefined;
    const recentlyChecked =
      path.seenUntil !== undefined && state.at - path.seenUntil <= state.config.checkIntervalMs + latelyMs;
    const neverAnswered = neverAnsweredReason(path, state.at);
    const { id, tier } = provider;
    candidates.push({ id, tier, health, liveness, obstructed, since, recentlyChecked, why, neverAnswered });
  }
  return candidates;
}
