/** Kernel settings of the providers' devices, with the values they had before. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Config } from '../../models/config.ts';
import { messageOf } from '../../models/message-of.ts';
import { canShare } from '../../models/provider.ts';

/** Values by setting (a path below /proc/sys). */
export type Sysctls = Readonly<Record<string, string>>;

/** The settings that a configuration needs on those of its providers' devices that are present. */
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
 * What a provider's device needs: loose reverse-path filtering, since replies come back on devices that `main` does
 * not prefer; and that the kernel itself skips routes without carrier.
 * `withoutDefault`: `main` may have no default route, and then even loose filtering drops every reply.
 */
function deviceSysctls(interfaceName: string, { withoutDefault }: { withoutDefault: boolean }): Sysctls {
  return {
    [`net/ipv4/conf/${interfaceName}/rp_filter`]: withoutDefault ? '0' : '2',
    [`net/ipv4/conf/${interfaceName}/ignore_routes_with_linkdown`]: '1',
    [`net/ipv6/conf/${interfaceName}/ignore_routes_with_linkdown`]: '1',
  };
}

/** For providers that share traffic: flows are spread by addresses and ports, not by addresses alone. */
const sharingSysctls: Sysctls = {
  'net/ipv4/fib_multipath_hash_policy': '1',
  'net/ipv6/fib_multipath_hash_policy': '1',
};

/** The settings that exist and differ from what is needed, with their present values. */
export function sysctlsToChange(needed: Sysctls): Sysctls {
  const present = Object.entries(needed).flatMap(([name, value]): [string, string][] => {
    const now = readSysctl(name);
    return now === undefined || now === value ? [] : [[name, now]];
  });
  return Object.fromEntries(present);
}

/** Writes settings, except those the kernel no longer has. Returns a sentence for each it could not write. */
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

/** The command that sets it. With slashes: among dots, sysctl(8) takes the one in `eth1.100` for a separator. */
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
