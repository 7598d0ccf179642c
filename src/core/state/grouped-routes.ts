import type { Config } from '../../../models/config.ts';
import type { Route } from '../../../models/route.ts';

/**
 * Routes that point to a nexthop group: the same objects for as long as the configuration stays, whatever
 * happens to the group's members. `diff` treats identical objects as unchanged without spelling them out, so
 * switching thousands of prefixes costs one line. This is the only part of a state that is a cache: without
 * it every decision is the same, only slower.
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
