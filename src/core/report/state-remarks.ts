import { families } from '../../../models/path.ts';
import { familyName } from '../format.ts';
import type { PathState, State } from '../state/state.ts';

/** What an operator should know about the whole, a sentence each: what is ignored, and where nothing is reliable. */
export function stateRemarks(state: State): readonly string[] {
  const pin = state.ignoredPin === undefined ? [] : [`The sticky file is ignored: ${state.ignoredPin}.`];
  return [...pin, ...noneReliable(state)];
}

function noneReliable(state: State): readonly string[] {
  const without = families.filter((family) => {
    const paths = [...state.paths.values()].filter((path) => path.family === family && isUsable(path));
    const carrying = paths.filter(({ provider }) => state.active[family].includes(provider.id));
    if (state.allDown[family]) return false; // that is another thing, and said first
    return !paths.some(isReliable) && carrying.some(({ health }) => health === 'unreliable');
  });
  if (without.length === 0) return [];
  const names = without.map((family) => familyName(family)).join(' and ');
  return [`No provider is reliable in ${names}: traffic goes through the best of them.`];
}

function isUsable({ expected, provider }: PathState): boolean {
  return expected && provider.enabled;
}

function isReliable({ health }: PathState): boolean {
  return health === 'reliable';
}
