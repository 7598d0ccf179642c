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

/** Writes settings that differ. Returns the earlier values of those it changed, and a sentence for each it could not. */
export function setSysctls(wanted: Sysctls): { earlier: Sysctls; problems: string[] } {
  const earlier: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(wanted)) {
    try {
      const present = readSysctl(name);
      if (present === undefined || present === value) continue;
      writeFileSync(`/proc/sys/${name}`, value);
      earlier[name] = present;
    } catch (error) {
      problems.push(
        `${name} could not be set to ${value}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { earlier, problems };
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
