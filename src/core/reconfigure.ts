import type { Config } from '../../models/config.ts';
import { families, pathKey } from '../../models/path.ts';
import { renamedProviders } from './binding/renamed.ts';
import { uneventful } from './effects.ts';
import { refreshDeadTargets } from './health/targets.ts';
import { intervalOf, PathState, recalledPath, type State } from './state/state.ts';
import { Window } from './state/window.ts';

/**
 * Applies another configuration to a running state. Windows, verdicts and the current choice survive, even
 * when a provider gets another id.
 */
export function reconfigure(state: State, config: Config): void {
  const renamed = renamedProviders(state.config, config);
  state.config = config;
  const earlier = new Map(state.paths);
  state.paths.clear();
  for (const provider of config.providers) {
    for (const family of families) {
      const known = earlier.get(pathKey(renamed.get(provider.id) ?? provider.id, family));
      const path =
        known === undefined ? recalledPath(state, provider, family) : adopt(known, provider, config);
      state.paths.set(path.key, path);
    }
  }
  renameTargets(state, renamed);
  forgetTargets(state);
  const usable = (id: string): boolean =>
    config.providers.some((provider) => provider.id === id && provider.enabled);
  const names = new Map([...renamed].map(([id, before]) => [before, id]));
  const present = (ids: readonly string[]): readonly string[] =>
    ids.map((id) => names.get(id) ?? id).filter(usable);
  state.active = { 4: present(state.active[4]), 6: present(state.active[6]) };
}

function renameTargets({ targets }: State, renamed: ReadonlyMap<string, string>): void {
  for (const [id, before] of renamed) {
    for (const family of families) {
      for (const { failures } of targets[family].values()) {
        const count = failures.get(pathKey(before, family));
        if (count !== undefined) failures.set(pathKey(id, family), count);
      }
    }
  }
}

/** Drops what is known of targets that are no longer probed at all, or no longer through a path. */
function forgetTargets(state: State): void {
  const { providers, testScenarios } = state.config;
  const probed = new Map(
    providers.map(({ id, testScenarios: own }) => [
      id,
      new Set((own ?? testScenarios).map(({ name }) => name)),
    ]),
  );
  for (const [name, target] of families.flatMap((family) => [...state.targets[family]])) {
    const isProbedBy = (id: string): boolean => probed.get(id)?.has(target.target) === true;
    for (const path of target.failures.keys()) {
      const provider = state.paths.get(path)?.provider.id;
      if (provider === undefined || !isProbedBy(provider)) target.failures.delete(path);
    }
    if (target.failures.size === 0) state.targets[target.family].delete(name);
  }
  refreshDeadTargets(state);
}

function adopt(earlier: PathState, provider: PathState['provider'], config: Config): PathState {
  const { family } = earlier;
  if (earlier.provider.interfaceName !== provider.interfaceName)
    return new PathState(provider, family, config);
  const key = pathKey(provider.id, family);
  const path = earlier.key === key ? earlier : { ...earlier, key, uneventful: uneventful(key) };
  path.provider = provider;
  path.complaints.clear();
  path.intervalMs = intervalOf(provider, path.family, config);
  const probed = new Set((provider.testScenarios ?? config.testScenarios).map(({ name }) => name));
  path.packets.keepTargets(probed);
  if (path.window.capacity !== config.maxStoredTestResultCount) {
    path.window = new Window(
      config.maxStoredTestResultCount,
      path.window.toSamples(config.maxStoredTestResultCount),
    );
  }
  return path;
}
