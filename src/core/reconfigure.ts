import type { Config } from '../../models/config.ts';
import { families, pathKey } from '../../models/path.ts';
import { refreshDeadTargets } from './health/targets.ts';
import { intervalOf, newPath, type PathState, recalledPath, type State } from './state/state.ts';
import { Window } from './state/window.ts';

/** Puts another configuration into a running state. Windows, verdicts and the current choice survive. */
export function reconfigure(state: State, config: Config): void {
  state.config = config;
  const earlier = new Map(state.paths);
  state.paths.clear();
  for (const provider of config.providers) {
    for (const family of families) {
      const known = earlier.get(pathKey(provider.id, family));
      const path =
        known === undefined ? recalledPath(state, provider, family) : adopt(known, provider, config);
      state.paths.set(path.key, path);
    }
  }
  forgetTargets(state);
  const usable = (id: string): boolean =>
    config.providers.some((provider) => provider.id === id && provider.enabled);
  state.active = { 4: state.active[4].filter(usable), 6: state.active[6].filter(usable) };
}

/** What is not asked any more, by anyone or through a path, is not known any more. */
function forgetTargets(state: State): void {
  const { providers, testScenarios } = state.config;
  const asked = new Map(
    providers.map(({ id, testScenarios: own }) => [
      id,
      new Set((own ?? testScenarios).map(({ name }) => name)),
    ]),
  );
  for (const [name, target] of families.flatMap((family) => [...state.targets[family]])) {
    const by = (id: string): boolean => asked.get(id)?.has(target.target) === true;
    for (const path of target.failures.keys()) {
      const provider = state.paths.get(path)?.provider.id;
      if (provider === undefined || !by(provider)) target.failures.delete(path);
    }
    if (target.failures.size === 0) state.targets[target.family].delete(name);
  }
  refreshDeadTargets(state);
}

function adopt(path: PathState, provider: PathState['provider'], config: Config): PathState {
  if (path.provider.interfaceName !== provider.interfaceName) return newPath(provider, path.family, config);
  path.provider = provider;
  path.complaints.clear();
  path.intervalMs = intervalOf(provider, path.family, config);
  if (path.window.capacity !== config.maxStoredTestResultCount) {
    path.window = new Window(
      config.maxStoredTestResultCount,
      path.window.toSamples(config.maxStoredTestResultCount),
    );
  }
  return path;
}
