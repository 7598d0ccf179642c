/** What follows from the state of modems: why a path is broken, and which are to be avoided while they roam. */
import type { UnnumberedDecision } from '../../models/decision.ts';
import { type Effects, noEffects, none } from './effects.ts';
import { effectsAfter, imageOf } from './effects-after.ts';
import { electAll } from './elect-family.ts';
import { causeOf } from './health/cause.ts';
import { noteModems } from './health/radio.ts';
import { causeNews, judgePath } from './judge-path.ts';
import { roamingDecision } from './report/path-decisions.ts';
import type { PathState, State } from './state/state.ts';

/** Takes what is known of all modems now, and judges their paths by it. */
export function takeModems(
  state: State,
  modems: State['modems'],
): { readonly decisions: readonly UnnumberedDecision[]; readonly effects: Effects } {
  state.modems = modems;
  const before = imageOf(state);
  const { changed, roaming } = noteModems(state);
  if (changed.length === 0) return { decisions: none, effects: noEffects };
  const decisions = [
    ...onePerProvider(roaming).map((path) => roamingDecision(state.at, path)),
    ...changed.flatMap((path) => judged(state, path)),
    ...(roaming.length === 0 ? none : electAll(state)),
  ];
  const effects = effectsAfter(state, before, decisions, 'none');
  // The order of the standbys may be another one.
  const isReordered = roaming.length > 0 && effects.routes === 'none';
  return { decisions, effects: isReordered ? { ...effects, routes: 'soon' } : effects };
}

function judged(state: State, path: PathState): readonly UnnumberedDecision[] {
  if (!path.expected) return none;
  const cause = causeOf(path);
  return [...judgePath(state, path, cause), ...causeNews(state, path, cause)];
}

function onePerProvider(paths: readonly PathState[]): readonly PathState[] {
  return [...new Map(paths.map((path) => [path.provider.id, path])).values()];
}
