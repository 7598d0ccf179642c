import type { Config } from '../../models/config.ts';
import type { Links } from '../../models/link.ts';
import type { KernelRoutes } from '../../models/route.ts';
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

/** Reads the kernel once and changes nothing. @throws {Error} when `ip` cannot be run */
export async function viewKernel(config: Config): Promise<KernelView> {
  const backend = openBackend(() => undefined, { links: () => undefined, trouble: () => undefined });
  try {
    const [own, links] = await Promise.all([backend.reconciler.read(), backend.links.read()]);
    const state = initial(config, now(), recollect(config, own, links, undefined));
    step(state, { type: 'links', at: now(), links });
    return { own, links, state };
  } finally {
    backend.close();
  }
}
