import { existsSync } from 'node:fs';
import type { Config } from '../models/config.ts';
import type { KernelNote } from '../models/event.ts';
import type { Family } from '../models/path.ts';
import { diff } from './core/diff.ts';
import { familyOf, spell, spellCommand } from './core/spell.ts';
import { hasNexthops, hasResilientGroups } from './kernel/abilities.ts';
import { Reconciler } from './kernel/reconciler.ts';
import { IpSession } from './kernel/session.ts';
import { type LinkSinks, LinkWatcher } from './watch/links.ts';

/** The two ways we have into the kernel: our routes, and the devices they leave by. */
export interface Backend {
  readonly reconciler: Reconciler;
  readonly links: LinkWatcher;
  close(): void;
}

/** Opens the backend; nothing is read or written before it is asked for. */
export function openBackend(report: (note: KernelNote) => void, sinks: Omit<LinkSinks, 'routes'>): Backend {
  const families: readonly Family[] = existsSync('/proc/net/if_inet6') ? [4, 6] : [4]; // absent with ipv6.disable=1
  const reconciler = new Reconciler(
    { diff, spell, spellCommand, familyOf },
    { families, nexthops: hasNexthops() },
    report,
  );
  const addresses = new IpSession();
  const show = async (): Promise<readonly unknown[]> =>
    (await addresses.transact([], ['address show'])).rows[0] ?? [];
  let devices: string | undefined;
  const links = new LinkWatcher(show, {
    ...sinks,
    links: (found) => {
      const present = found.links.map(({ index, name }) => `${index}:${name}`).join(' ');
      if (devices !== present) reconciler.renew();
      devices = present;
      sinks.links(found);
    },
    routes: () => reconciler.wake(),
  });
  const close = (): void => {
    links.close();
    addresses.close();
    reconciler.close();
  };
  return { reconciler, links, close };
}

/** The configuration as this machine can carry it out: balance without resilient groups is by classic multipath routes. */
export async function fitted(config: Config): Promise<Config> {
  return config.multipath === 'classic' || (await hasResilientGroups())
    ? config
    : { ...config, multipath: 'classic' };
}
