import type { Config } from '../../../models/config.ts';
import type { Lease } from '../../../models/lease.ts';
import type { Links } from '../../../models/link.ts';
import type { KernelRoutes } from '../../../models/route.ts';
import type { Snapshot } from '../../../models/snapshot.ts';
import { settle } from '../../core/routes/claims.ts';
import { competition, precedence } from '../../core/routes/competition.ts';
import { recoverMemory } from '../../core/start.ts';
import { discoveryDevices } from '../../core/state/gateway-search.ts';
import { initial, type State } from '../../core/state/state.ts';
import { step } from '../../core/step.ts';
import { openBackend, withSupportedFeatures } from '../../daemon/backend.ts';
import { now } from '../../daemon/clock.ts';

/** The kernel as it is, and the state a daemon would start from. */
export interface KernelView {
  readonly own: KernelRoutes;
  readonly links: Links;
  readonly state: State;
  readonly refusals: readonly string[]; // numbers that the operator wrote and others use, a sentence each
}

/**
 * Reads the kernel once and changes nothing. The current choice is that of a running daemon, else read from
 * the routes.
 * @throws {Error} when `ip` cannot be run
 */
export async function viewKernel(config: Config, daemon: Snapshot | undefined): Promise<KernelView> {
  const sinks = { links: () => undefined, trouble: () => undefined };
  const backend = openBackend(
    () => undefined,
    sinks,
    () => config,
  );
  try {
    const own = await backend.reconciler.read(); // to recognise others' default routes, ours must be known
    const links = await backend.links.read(discoveryDevices(config));
    const memory =
      daemon === undefined ? undefined : { active: daemon.active, paths: [], leases: leasesIn(daemon) };
    const possible = await withSupportedFeatures(config);
    const { config: settled, refusals } = settle(possible, { links, own, earlier: daemon?.claims });
    const state = initial(settled, now(), recoverMemory(settled, own, links, memory));
    step(state, { type: 'sticky', at: now(), sticky: daemon?.sticky });
    step(state, { type: 'links', at: now(), links });
    return { own, links, state, refusals };
  } finally {
    backend.close();
  }
}

/** What others reported, as far as the daemon's providers have a use for it. */
function leasesIn({ paths }: Snapshot): readonly Lease[] {
  return paths.flatMap(({ interfaceName: device, family, lease }) =>
    lease === undefined ? [] : [{ device, family, ...lease }],
  );
}

/** What of this machine's rules and routes a configuration competes with, a sentence each; none where `ip` fails. */
export async function standsInTheWay(config: Config): Promise<readonly string[]> {
  try {
    const { state, refusals } = await viewKernel(config, undefined);
    return [...refusals, ...competition(state), ...precedence(state)];
  } catch {
    return []; // starting it there says why
  }
}
