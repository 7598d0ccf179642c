/** Kernel settings of the providers' devices, with the values they had before. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Setting (as a path below /proc/sys) to value. */
export type Sysctls = Readonly<Record<string, string>>;

/**
 * What a provider's device needs: loose reverse-path filtering, since answers come back on devices that `main` does
 * not prefer; and routes without carrier stepped over by the kernel itself.
 * `withoutDefault`: `main` may be without a default route, when even loose filtering drops every answer.
 */
export function wantedSysctls(
  interfaceName: string,
  { withoutDefault }: { withoutDefault: boolean },
): Sysctls {
  return {
    [`net/ipv4/conf/${interfaceName}/rp_filter`]: withoutDefault ? '0' : '2',
    [`net/ipv4/conf/${interfaceName}/ignore_routes_with_linkdown`]: '1',
    [`net/ipv6/conf/${interfaceName}/ignore_routes_with_linkdown`]: '1',
  };
}

/** The present values of those settings that exist and differ from what is wanted. */
export function differing(wanted: Sysctls): Sysctls {
  const present = Object.entries(wanted).flatMap(([name, value]): [string, string][] => {
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
      return [
        `${name} could not be set to ${value}: ${error instanceof Error ? error.message : String(error)}`,
      ];
    }
  });
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
