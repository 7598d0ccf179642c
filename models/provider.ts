import type { CheckedProvider } from './checked-provider.ts';
import type { TestScenario } from './test-scenario.ts';

/** What an id looks like: it becomes a table name, a line in `sticky.provider` and a word in commands. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/** A way out to the internet: one interface, one gateway. Also called an uplink or WAN. */
export interface Provider extends CheckedProvider {
  readonly testScenarios: readonly TestScenario[] | undefined; // instead of the common ones
}

/** Providers whose devices are found at run time: every device that matches is one. */
export interface DevicePattern {
  readonly idPrefix: string | undefined; // before the device's name in the ids of its members
  readonly place: number; // the index in `providers` of the one its members come before
  readonly template: Provider; // its interface is 'wan*', or 'auto': every device with a default route; its table and mark are the first
}

/** Whether two providers that may carry traffic have the same tier, so that they share it. */
export function canShare(providers: readonly Provider[]): boolean {
  const tiers = providers.flatMap(({ enabled, tier }) => (enabled && tier !== null ? [tier] : []));
  return new Set(tiers).size < tiers.length;
}
