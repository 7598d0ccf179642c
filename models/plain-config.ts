import type { Config } from './config.ts';
import type { Provider } from './provider.ts';

/**
 * Settings of layouts, balancing and connections for plain failover, and the usual limit of the failback delay;
 * recordings of version 0.1 lack them. They lack `loss` where no limit was set, as there was no default.
 */
export const plainConfig = {
  loss: 'none',
  maxFailbackDelayMs: 600_000,
  layout: 'metrics',
  activeTableId: 100,
  rulePreference: 10_770,
  routes: ['default'],
  excludes: [],
  multipath: 'resilient',
  connectionMarks: false,
  fwmarkMask: 0xff000000,
  stickyClients: undefined,
  downlinks: { lan: [], dmz: [] },
  metrics: undefined,
} as const satisfies Partial<Config>;

/** The same for a provider. */
export const plainProvider = {
  mark: 0x01000000,
  nat: { 4: 'none', 6: 'none' },
  roaming: 'use',
  onFailback: { kind: 'soft' },
} as const satisfies Partial<Provider>;
