import { existsSync } from 'node:fs';
import type { Config } from '../../models/config.ts';
import type { KernelNote } from '../../models/event.ts';
import type { Links } from '../../models/link.ts';
import type { Family } from '../../models/path.ts';
import { canShare } from '../../models/provider.ts';
import type { KernelRoutes } from '../../models/route.ts';
import { markSample } from '../core/connections/mark-table.ts';
import { diff } from '../core/routes/diff.ts';
import { divide } from '../core/routes/frr.ts';
import { familyOf, spell, spellCommand } from '../core/routes/spell.ts';
import { hasNexthops, hasResilientGroups } from '../kernel/features.ts';
import { IpSession } from '../kernel/ip-session.ts';
import { whyNoMarks } from '../kernel/nft-table.ts';
import { Reconciler } from '../kernel/reconciler.ts';
import { type LinkSinks, LinkWatcher } from '../watch/link-watcher.ts';
import { type ModemSinks, ModemWatcher } from '../watch/modems/modem-watcher.ts';
import { joined } from '../watch/read-links.ts';
import { FrrBackend } from './frr-backend.ts';

/** Keeps our routes as desired. */
export interface RouteKeeper {
  read(): Promise<KernelRoutes>; // what is ours in the kernel
  apply(desired: KernelRoutes): Promise<void>;
  wake(): void;
}

/** Our two connections to the kernel: our routes, and the devices they use. */
export interface Backend {
  readonly reconciler: RouteKeeper;
  readonly links: LinkWatcher;
  /** From now on reports what changes. `links`: as just read. */
  watch(links: Links): void;
  /** Removes all that is ours. Returns what is left; undefined: nothing. */
  removeAll(): Promise<string | undefined>;
  close(): void;
}

/** Opens the backend; nothing is read or written yet. `config`: the one in force at the time. */
export function openBackend(
  report: (note: KernelNote) => void,
  sinks: Omit<LinkSinks, 'routes' | 'defaults' | 'isOurs'> & Partial<Pick<ModemSinks, 'modems'>>,
  config: () => Pick<Config, 'frr' | 'multipath' | 'patterns' | 'providers'>,
): Backend {
  const families: readonly Family[] = existsSync('/proc/net/if_inet6') ? [4, 6] : [4]; // ipv6.disable=1
  const isSole = (): boolean => !sharesByHops(config());
  const reconciler = new Reconciler(
    { diff, spell, spellCommand, familyOf },
    { families, nexthops: hasNexthops(), isSole },
    report,
  );
  const statics = new FrrBackend(() => config().frr, report);
  const [addresses, detailed] = [new IpSession(), new IpSession(['-d'])];
  const show = async (): Promise<readonly unknown[]> => {
    const session = config().patterns === undefined ? addresses : detailed; // kinds
    return (await session.transact([], ['address show'])).rows[0] ?? [];
  };
  const modems = new ModemWatcher({ modems: () => undefined, ...sinks });
  let devices: string | undefined;
  const links = new LinkWatcher(show, {
    ...sinks,
    links: (found) => {
      const present = found.links.map(({ index, name }) => `${index}:${name}`).join(' ');
      if (devices !== present) reconciler.renew();
      devices = present;
      modems.watch(found.links.map(({ name }) => name));
      sinks.links(found);
    },
    routes: () => reconciler.wake(),
    defaults: () => statics.wake(),
    isOurs: (route) => statics.has(route) || (route.protocol === joined && !isSole()),
  });
  const watch = (found: Links): void => {
    links.watch();
    modems.watch(found.links.map(({ name }) => name));
  };
  const close = (): void => {
    links.close();
    modems.close();
    for (const session of [addresses, detailed]) session.close();
    reconciler.close();
    statics.close();
  };
  const split = splitBackends(reconciler, statics);
  const removeAll = (): Promise<string | undefined> => removeFrom(split, reconciler, statics);
  return { reconciler: { ...split, wake: () => reconciler.wake() }, links, watch, removeAll, close };
}

/** Returns what is left; undefined: nothing. */
async function removeFrom(
  both: Pick<RouteKeeper, 'apply'>,
  reconciler: Reconciler,
  statics: FrrBackend,
): Promise<string | undefined> {
  await both.apply({ routes: [], rules: [] });
  const [{ routes, rules }, inFrr] = [await reconciler.read(), await statics.read()];
  const left = [
    [routes.length, 'routes'],
    [rules.length, 'rules'],
    [inFrr.length, 'static routes in FRRouting'],
  ] as const;
  const words = left.flatMap(([count, what]) => (count === 0 ? [] : `${count} ${what}`));
  return words.length === 0 ? undefined : words.join(', ');
}

/** Whether routes of ours may have several next hops, where groups are not used. */
function sharesByHops({ multipath, providers }: Pick<Config, 'multipath' | 'providers'>): boolean {
  return multipath === 'classic' && canShare(providers);
}

/** What several removals left, or why that is unknown; undefined: nothing. */
export async function joinLeftovers(
  removals: readonly Promise<string | undefined>[],
): Promise<string | undefined> {
  const ends = await Promise.allSettled(removals);
  const left = ends.flatMap((end) => (end.status === 'fulfilled' ? (end.value ?? []) : `${end.reason}`));
  return left.length === 0 ? undefined : left.join(', ');
}

/** Applies the kernel's and FRRouting's parts of the desired routes at the same time. */
function splitBackends(reconciler: Reconciler, statics: FrrBackend): Pick<RouteKeeper, 'read' | 'apply'> {
  return {
    read: async () => {
      await statics.read();
      return reconciler.read();
    },
    apply: async (desired) => {
      const { kernel, statics: inFrr } = statics.isEnabled
        ? divide(desired)
        : { kernel: desired, statics: [] };
      await Promise.all([reconciler.apply(kernel), statics.apply(inFrr)]);
    },
  };
}

/**
 * The configuration as this machine supports it: without resilient groups, balancing uses classic multipath
 * routes; without nftables no connection is marked, and `unable` is called with the reason.
 */
export async function withSupportedFeatures(
  config: Config,
  unable: (reason: string) => void = () => undefined,
): Promise<Config> {
  const isClassic = config.multipath === 'classic' || !(await hasResilientGroups());
  const needsNft = config.connectionMarks && config.externalMarks !== true;
  const reason = needsNft ? await whyNoMarks(markSample) : undefined;
  if (reason !== undefined) unable(reason);
  return {
    ...config,
    multipath: isClassic ? 'classic' : 'resilient',
    connectionMarks: config.connectionMarks && reason === undefined,
  };
}
