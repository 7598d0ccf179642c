import type { Config } from '../../../models/config.ts';
import { families } from '../../../models/path.ts';
import type { Provider } from '../../../models/provider.ts';

/**
 * Providers that have a new id in another configuration, with the same device and gateways: earlier ids by
 * new id. An id that is in both configurations means the same provider, whatever else changed.
 */
export function renamedProviders(before: Config, next: Config): ReadonlyMap<string, string> {
  const [earlier, later] = [before, next].map(({ providers }) => new Set(providers.map(({ id }) => id)));
  const gone = before.providers.filter(({ id }) => later?.has(id) === false);
  const renamed = new Map<string, string>();
  const taken = new Set<string>();
  for (const provider of next.providers) {
    if (earlier?.has(provider.id)) continue;
    const same = gone.find((other) => !taken.has(other.id) && isSameLine(provider, other));
    if (same === undefined) continue;
    taken.add(same.id);
    renamed.set(provider.id, same.id);
  }
  return renamed;
}

function isSameLine(a: Provider, b: Provider): boolean {
  return (
    a.interfaceName === b.interfaceName &&
    families.every((family) => a.addressing[family].gateway === b.addressing[family].gateway)
  );
}
