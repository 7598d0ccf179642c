import type { Config } from '../../../models/config.ts';
import type { Route } from '../../../models/route.ts';

/**
 * Routes that lead to a nexthop group: they stay the same objects while the configuration does, whatever becomes of the
 * group's members. `diff` takes equal objects for unchanged without spelling them out, so that a switch of thousands of
 * prefixes costs one line. This is the one part of a state that is no knowledge: without it everything is decided
 * alike, only slower.
 */
export class GroupedRoutes {
  readonly #made = new Map<string, readonly Route[]>();
  #config: Config | undefined;

  /** A route like `place` for each prefix. */
  of(config: Config, place: Route, prefixes: readonly string[]): readonly Route[] {
    if (this.#config !== config) this.#made.clear();
    this.#config = config;
    const key = `${place.family} ${place.table} ${place.metric} ${place.nhid}`;
    const known = this.#made.get(key) ?? prefixes.map((dst) => ({ ...place, dst }));
    this.#made.set(key, known);
    return known;
  }
}
