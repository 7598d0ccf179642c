/**
 * One event in, the state advanced, the decisions that follow. Pure in what it concludes: no clock, chance, process,
 * file or socket; the same events give the same states.
 */
import type { Decision } from '../../models/decision.ts';
import type { Event } from '../../models/event.ts';
import type { Links } from '../../models/link.ts';
import { type Family, families } from '../../models/path.ts';
import { bind, sameAddress } from './binding.ts';
import {
  healthDecision,
  ignoredPin,
  kernelDecision,
  lifeDecision,
  obstacleDecision,
  stickyDecision,
  switchDecision,
  targetDecision,
} from './decisions.ts';
import { type Candidate, elect } from './election.ts';
import { noteCheck, noteLate, watchClosely } from './liveness.ts';
import { reconfigure } from './reconfigure.ts';
import { judge } from './reliability.ts';
import type { PathState, State } from './state.ts';
import { noteTargets, stumbled } from './targets.ts';

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
    case 'links':
      state.links = event.links;
      return [...rebind(state), ...electAll(state)];
    case 'sticky':
      if (event.problem !== undefined) return [ignoredPin(state.at, event.problem)];
      return pinned(state, event.sticky);
    case 'config': {
      reconfigure(state, event.config);
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

function checked(
  state: State,
  path: PathState,
  event: Extract<Event, { type: 'check' | 'late' }>,
): readonly Decision[] {
  const before = path.liveness;
  if (event.type === 'late') noteLate(path, event, state.config);
  else noteCheck(path, event, state.config);
  const targets = event.type === 'check' ? noteTargets(state, path, event) : none;
  if (event.type === 'check' && stumbled(state, path, event)) watchClosely(path, state.config, event.at);
  const judged = judgePath(state, path);
  // Without a change in the path nothing can change in the election, and a thousand others need not be looked at.
  if (targets.length === 0 && judged.length === 0 && path.liveness === before) return none;
  const decisions = targets.map((change) => targetDecision(state.at, change));
  return [...decisions, ...judged, ...electFamily(state, path.family)];
}

function rebind(state: State): Decision[] {
  const { links } = state;
  return links === undefined
    ? []
    : [...state.paths.values()].flatMap((path) => rebindPath(state, path, links));
}

function rebindPath(state: State, path: PathState, links: Links): readonly Decision[] {
  const before = { expected: path.expected, obstacle: path.obstacle, binding: path.binding };
  const { expected, binding, ...found } = bind(path.provider, path.family, links, path.remembered);
  path.expected = expected;
  path.binding = binding;
  const obstacle = found.obstacle ?? sameAddress(state.paths.values(), path);
  path.obstacle = expected ? obstacle : undefined;
  if (binding !== undefined) path.remembered = remember(binding);
  if (!expected || (before.expected && before.obstacle === obstacle && sameBinding(before.binding, binding)))
    return [];
  if (obstacle !== undefined) path.consecutiveSucceeded = 0;
  path.lastStart = undefined; // whatever changed, check at once
  path.readyAt = state.at;
  const judged = judgePath(state, path);
  return judged.length > 0 || before.obstacle === obstacle ? judged : [obstacleDecision(state.at, path)];
}

function sameBinding(a: PathState['binding'], b: PathState['binding']): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function remember({ address, network, gateway }: NonNullable<PathState['binding']>): PathState['remembered'] {
  return { address, network, gateway };
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
  return [healthDecision(state.at, path, from, verdict)];
}

function electAll(state: State): Decision[] {
  return state.links === undefined ? [] : families.flatMap((family) => electFamily(state, family));
}

function electFamily(state: State, family: Family): Decision[] {
  const candidates = candidatesOf(state, family);
  if (candidates.length === 0) {
    state.active[family] = [];
    state.allDown[family] = false;
    return [];
  }
  const [current] = state.active[family];
  const choice = elect(candidates, current, {
    config: state.config,
    sticky: state.sticky?.id,
    now: state.at,
  });
  state.allDown[family] = choice.allDown;
  if (choice.id === current) return [];
  state.active[family] = choice.id === undefined ? [] : [choice.id];
  return [switchDecision(state.at, { family, from: current, choice })];
}

function candidatesOf(state: State, family: Family): Candidate[] {
  const candidates: Candidate[] = [];
  for (const path of state.paths.values()) {
    if (path.family !== family || !path.expected) continue;
    const { provider, health, liveness, since, why } = path;
    const obstructed = path.obstacle !== undefined;
    const seen =
      path.seenUntil !== undefined && state.at - path.seenUntil <= state.config.checkIntervalMs + latelyMs;
    candidates.push({ id: provider.id, tier: provider.tier, health, liveness, obstructed, since, seen, why });
  }
  return candidates;
}
