import type { ConfigInput, Reaction } from '../../../models/config.ts';

/** What a setting is when nobody sets it, in the form an operator would write. Limits are unset. */
export const defaults = {
  reaction: 'normal',
  checkInterval: '1s',
  checkTimeout: '1s',
  confirmInterval: '50ms',
  minOutage: '1s',
  startMetric: 100,
  maxStoredTestResultCount: 50,
  maxFailedChecks: 20,
  maxConsecutiveFailedChecks: 2,
  minConsecutiveSucceededChecks: 4,
  requiredSuccessful: 1,
  holdDown: 0,
  failbackDelay: '10s',
  failback: true,
  allDown: 'keep',
  onStop: 'keep',
  stickyProviderFilename: 'sticky.provider',
  probeWhileSticky: true,
  layout: 'metrics',
  backend: 'kernel',
  frr: {},
  activeTableId: 100,
  rulePreference: 10_770,
  routes: ['default'],
  excludes: {},
  multipath: 'resilient',
  downlinks: {},
  nameservers: [
    '1.1.1.1',
    '8.8.8.8',
    '9.9.9.9',
    '2606:4700:4700::1111',
    '2001:4860:4860::8888',
    '2620:fe::fe',
  ],
} as const satisfies Partial<ConfigInput>;

/** What each named reaction sets instead of the defaults. */
export const reactions: Readonly<Record<Reaction, Partial<ConfigInput>>> = {
  calm: { checkInterval: '5s', checkTimeout: '1s', minOutage: '3s', failbackDelay: '60s' },
  normal: {},
  fast: { checkInterval: '100ms', minOutage: '300ms' },
};

/** Addresses that are pinged when nobody says what to test: three operators, both families. */
export const defaultTargets = [
  '1.1.1.1',
  '8.8.8.8',
  '9.9.9.9',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
  '2620:fe::fe',
] as const;

/** The first table id given to a provider that names none. */
export const firstTableId = 101;

/** The first table id given to devices found by pattern, far from those of the list, which may grow. */
export const firstFoundTableId = 1001;
