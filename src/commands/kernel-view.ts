import type { Config } from '../../models/config.ts';
import type { Links } from '../../models/link.ts';
import type { KernelRoutes } from '../../models/route.ts';
import type { Snapshot } from '../../models/snapshot.ts';
import { openBackend } from '../backend.ts';
import { now } from '../clock.ts';
import { recollect } from '../core/recollect.ts';
import { initial, type State } from '../core/state.ts';
import { step } from '../core/step.ts';

/** The kernel as it is, and the state a daemon would start from. */
export interface KernelView {
  readonly own: KernelRoutes;
  readonly links: Links;
  readonly state: State;
}

/**
 * Reads the kernel once and changes nothing. Where a daemon runs, its choice is the present one; else it is read from the routes.
 * @throws {Error} when `ip` cannot be run
 */
export async function viewKernel(config: Config, daemon: Snapshot | undefined): Promise<KernelView> {
  const backend = openBackend(() => undefined, { links: () => undefined, trouble: () => undefined });
  try {
    const [own, links] = await Promise.all([backend.reconciler.read(), backend.links.read()]);
    const memory = daemon === undefined ? undefined : { active: daemon.active, paths: [] };
    const state = initial(config, now(), recollect(config, own, links, memory));
    step(state, { type: 'sticky', at: now(), sticky: daemon?.sticky });
    step(state, { type: 'links', at: now(), links });
    return { own, links, state };
  } finally {
    backend.close();
  }
}
