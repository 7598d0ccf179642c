/** Finds the operator's own scenarios in a configuration, and prepares their code to run in a separate thread. */
import type { Config } from '../../../models/config.ts';
import { IsolatedScenario, type OwnCode, type Place } from '../../../models/isolated-scenario.ts';
import { isPlain, replaceScenarios, scenariosOf, traitsOf } from '../packed-config.ts';
import { OwnScenario } from '../schema/own-scenario.ts';

/**
 * The configuration with each of the operator's own scenarios replaced by its traits; the same object if there are
 * none. `input`: what its file exports. `bundle` is called once, if there is code.
 * @throws {Error} when the code cannot be prepared
 */
export async function isolateOwn(
  config: Config,
  input: unknown,
  bundle: () => Promise<OwnCode>,
): Promise<Config> {
  const own = [...scenariosOf(config)].filter((scenario) => !isPlain(scenario));
  if (own.length === 0) return config;
  const written = own.map((scenario) => (scenario instanceof OwnScenario ? scenario.written : scenario));
  const places = placesOf(input, new Set(written));
  const code = await bundle();
  const isolated = own.map((scenario, i) => {
    const place = places.get(written[i]);
    if (place === undefined)
      throw new Error(
        `has the scenario ${scenario.name}, which is another object each time it is read; export the object itself`,
      );
    return [scenario, new IsolatedScenario(traitsOf(scenario), code, place)] as const;
  });
  return replaceScenarios(config, new Map(isolated));
}

const deepest = 8; // levels: a list in an entry of a list is at the fourth level

/** The first place of each item within `root`. Runs getters, as the earlier reading did. */
function placesOf(root: unknown, items: ReadonlySet<unknown>): ReadonlyMap<unknown, Place> {
  const found = new Map<unknown, Place>();
  const seen = new Set<unknown>();
  let level: readonly Located[] = [{ value: root, place: [] }];
  for (let depth = 0; depth < deepest && found.size < items.size; depth += 1) {
    for (const { value, place } of level) if (items.has(value) && !found.has(value)) found.set(value, place);
    const fresh = level.filter(({ value }) => !seen.has(value));
    for (const { value } of fresh) seen.add(value);
    level = fresh.flatMap(partsOf);
  }
  return found;
}

interface Located {
  readonly value: unknown;
  readonly place: Place;
}

function partsOf({ value, place }: Located): readonly Located[] {
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).map(([key, part]: [string, unknown]) => ({
    value: part,
    place: [...place, isList ? Number(key) : key],
  }));
}
