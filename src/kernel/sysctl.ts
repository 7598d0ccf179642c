/** Kernel settings of the providers' devices, with the values they had before. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Config } from '../../models/config.ts';
import { messageOf } from '../../models/message-of.ts';
import { canShare } from '../../models/provider.ts';

/** Setting (as a path below /proc/sys) to value. */
export type Sysctls = Readonly<Record<string, string>>;

/** What a configuration needs of its providers' devices, as far as they are there. */
export function neededSysctls(config: Config, devices: readonly string[]): Sysctls {
  const withoutDefault = mayLackDefault(config);
  const each = devices.map((name) => deviceSysctls(name, { withoutDefault }));
  return Object.assign({}, ...each, canShare(config.providers) ? sharingSysctls : {});
}

function mayLackDefault({ allDown, layout, routes }: Config): boolean {
  return (
    allDown === 'remove' || allDown === 'unreachable' || (layout === 'table' && !routes.includes('default'))
  );
}

/**
 * What a provider's device needs: loose reverse-path filtering, since answers come back on devices that `main` does
 * not prefer; and routes without carrier stepped over by the kernel itself.
 * `withoutDefault`: `main` may be without a default route, when even loose filtering drops every answer.
 */
function deviceSysctls(interfaceName: string, { withoutDefault }: { withoutDefault: boolean }): Sysctls {
  return {
    [`net/ipv4/conf/${interfaceName}/rp_filter`]: withoutDefault ? '0' : '2',
    [`net/ipv4/conf/${interfaceName}/ignore_routes_with_linkdown`]: '1',
    [`net/ipv6/conf/${interfaceName}/ignore_routes_with_linkdown`]: '1',
  };
}

/** What several providers need that share traffic: a flow keeps its way by addresses and ports, not by addresses alone. */
const sharingSysctls: Sysctls = {
  'net/ipv4/fib_multipath_hash_policy': '1',
  'net/ipv6/fib_multipath_hash_policy': '1',
};

/** The present values of those settings that exist and differ from what is needed. */
export function sysctlsToChange(needed: Sysctls): Sysctls {
  const present = Object.entries(needed).flatMap(([name, value]): [string, string][] => {
    const now = readSysctl(name);
    return now === undefined || now === value ? [] : [[name, now]];
  });
  return Object.fromEntries(present);
}

/** Writes settings; those that the kernel no longer has are left out. Returns a sentence for each it could not write. */
export function writeSysctls(values: Sysctls): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    try {
      if (readSysctl(name) !== undefined) writeFileSync(`/proc/sys/${name}`, value);
      return [];
    } catch (error) {
      return [`${name} could not be set to ${value}: ${messageOf(error)}`];
    }
  });
}

/** The command that sets it. With slashes: of dots, sysctl(8) takes the one in `eth1.100` for another level. */
export function spellSysctl(name: string, value: string): string {
  return `sysctl -w ${name}=${value}`;
}

/** A setting's present value; `undefined` when the kernel or the device does not have it. */
export function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
