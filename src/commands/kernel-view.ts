import { existsSync } from 'node:fs';
import type { Config } from '../../models/config.ts';
import type { Links } from '../../models/link.ts';
import type { KernelRoutes } from '../../models/route.ts';
import { now } from '../clock.ts';
import { diff } from '../core/diff.ts';
import { recollect } from '../core/recollect.ts';
import { familyOf, spell, spellCommand } from '../core/spell.ts';
import { initial, type State } from '../core/state.ts';
import { step } from '../core/step.ts';
import { Reconciler } from '../kernel/reconciler.ts';
import { IpSession } from '../kernel/session.ts';
import { LinkWatcher } from '../watch/links.ts';

/** The kernel as it is, and the state a daemon would start from. */
export interface KernelView {
  readonly own: KernelRoutes;
  readonly links: Links;
  readonly state: State;
}

/** Reads the kernel once and changes nothing. @throws {Error} when `ip` cannot be run */
export async function viewKernel(config: Config): Promise<KernelView> {
  const addresses = new IpSession();
  const families = existsSync('/proc/net/if_inet6') ? ([4, 6] as const) : ([4] as const);
  const reconciler = new Reconciler({ diff, spell, spellCommand, familyOf }, families, () => undefined);
  const show = async (): Promise<readonly unknown[]> =>
    (await addresses.transact([], ['address show'])).rows[0] ?? [];
  const silent = { links: () => undefined, routes: () => undefined, trouble: () => undefined };
  try {
    const [own, links] = await Promise.all([reconciler.read(), new LinkWatcher(show, silent).read()]);
    const state = initial(config, now(), recollect(config, own, links, undefined));
    step(state, { type: 'links', at: now(), links });
    return { own, links, state };
  } finally {
    addresses.close();
    reconciler.close();
  }
}
