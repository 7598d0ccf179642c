import type { CheckedProvider } from './checked-provider.ts';
import type { TestScenario } from './test-scenario.ts';

/** The form of an id, which becomes a table name, a line in `sticky.provider` and a word in commands. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/** A way out to the internet: one interface, one gateway. Also called an uplink or WAN. */
export interface Provider extends CheckedProvider {
  readonly testScenarios: readonly TestScenario[] | undefined; // instead of the common ones
}

/** Providers whose devices are found at run time: one for every device that matches. */
export interface DevicePattern {
  readonly idPrefix: string | undefined; // put before the device's name in its members' ids
  readonly place: number; // the index in `providers` before which its members are inserted
  /**
   * Its interface is 'wan*', or 'auto' for every device with a default route; its table and mark, the first member's.
   */
  readonly template: Provider;
}

/** Whether two providers that may carry traffic have the same tier, and so share it. */
export function canShare(providers: readonly Provider[]): boolean {
  const tiers = providers.flatMap(({ enabled, tier }) => (enabled && tier !== null ? [tier] : []));
  return new Set(tiers).size < tiers.length;
}
