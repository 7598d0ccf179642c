/** Works out the effects of an event from what it changed in the state. */
import type { UnnumberedDecision } from '../../models/decision.ts';
import { families } from '../../models/path.ts';
import { departures } from './connections/departures.ts';
import { type Effects, none } from './effects.ts';
import type { State } from './state/state.ts';

/** The parts of a state that are compared before and after an event. */
export type Before = Pick<State, 'active' | 'newTraffic' | 'allDown' | 'suspectedAt' | 'links'>;

/** Those parts as they are now; none is ever changed in place, so references are enough. */
export function imageOf({ active, newTraffic, allDown, suspectedAt, links }: State): Before {
  return { active, newTraffic, allDown, suspectedAt, links };
}

/** After an event about one path, or a tick. `own`: the paths whose checks the event concerns. */
export function effectsAfter(
  state: State,
  before: Before,
  decisions: readonly UnnumberedDecision[],
  own: Effects['checks'],
): Effects {
  return {
    routes: routesAfter(state, before, decisions),
    checks: changesOthersPace(state, before, decisions) ? 'all' : own,
    departures: departuresSince(before, state),
  };
}

/** After an event that may change anything: routes, rules, marks and every check. */
export function allEffects(state: State, before: Before): Effects {
  return { routes: 'now', checks: 'all', departures: departuresSince(before, state) };
}

function routesAfter(
  state: State,
  before: Before,
  decisions: readonly UnnumberedDecision[],
): Effects['routes'] {
  if (hasLost(before.newTraffic, state.newTraffic)) return 'now';
  const isReordered = decisions.some(({ kind }) => kind === 'health' || kind === 'switch');
  return isReordered || before.newTraffic !== state.newTraffic ? 'soon' : 'none';
}

/** Whether a provider that was getting new traffic no longer does. */
function hasLost(before: State['newTraffic'], after: State['newTraffic']): boolean {
  if (before === after) return false;
  return families.some((family) => {
    const present = new Set(after[family]);
    return before[family].some((id) => !present.has(id));
  });
}

/**
 * Whether other paths are now due earlier or later: active paths, all paths while none passes, and those that
 * a suspected target is probed through are checked faster.
 */
function changesOthersPace(state: State, before: Before, decisions: readonly UnnumberedDecision[]): boolean {
  if (before.allDown !== state.allDown || before.suspectedAt !== state.suspectedAt) return true;
  const { providers } = state.config;
  const hasBudgets = (): boolean => providers.some(({ probeBudget }) => probeBudget !== undefined);
  return decisions.some(({ kind }) => kind === 'sticky' || (kind === 'switch' && hasBudgets()));
}

/** None before the devices were first read: what became of an earlier run's connections is not known. */
function departuresSince(before: Before, state: State): Effects['departures'] {
  const isFirst = before.links === undefined;
  if (isFirst || before.active === state.active || !state.config.connectionMarks) return none;
  return departures(before.active, state);
}
