import { mistake } from '../mistake.ts';
import type { ResolvedConfig } from '../resolve/resolve-defaults.ts';
import type { Rule } from './rule.ts';

const maxDistance = 254; // 255 means "never" to zebra

/** What FRRouting and the operator's own firewall can do. */
export const backendRules: readonly Rule[] = [
  {
    reads: ['backend', 'layout'],
    severity: 'mistake',
    find: ({ settings: { backend, layout } }) =>
      backend === 'frr' && layout === 'table'
        ? mistake(
            'backend',
            "must be 'kernel' with layout 'table', as FRRouting gets the routes of the main table and there are none then; leave out one of them",
            { found: backend },
          )
        : undefined,
  },
  {
    reads: ['backend', 'startMetric'],
    severity: 'mistake',
    find: ({ settings: { backend, startMetric }, providers }) => {
      const largest = maxDistance - Math.max(0, providers.length - 1);
      return backend === 'frr' && startMetric > largest
        ? mistake(
            'startMetric',
            `must be at most ${largest} with backend 'frr' and ${providers.length} providers: metrics become distances, of which zebra takes 1 to ${maxDistance}`,
            { found: startMetric },
          )
        : undefined;
    },
  },
  {
    reads: ['backend', 'frr'],
    severity: 'warning',
    find: ({ settings: { backend, frr }, sources }) =>
      backend === 'kernel' && sources['frr'] === 'config'
        ? mistake('frr', "has no effect without backend: 'frr'", { found: frr })
        : undefined,
  },
  {
    reads: ['backend'],
    severity: 'warning',
    find: (resolved) =>
      resolved.settings.backend === 'frr' && hasUnequalShares(resolved)
        ? mistake(
            'backend',
            "static routes of FRRouting have no weights: providers of one tier get equal shares with 'frr'",
            { found: 'frr' },
          )
        : undefined,
  },
  {
    reads: ['connectionMarks', 'stickyClients'],
    severity: 'warning',
    find: ({ settings: { connectionMarks, stickyClients } }) =>
      connectionMarks === 'external' && stickyClients !== undefined
        ? mistake(
            'stickyClients',
            "have no effect with connectionMarks: 'external', as your own firewall marks connections",
          )
        : undefined,
  },
];

function hasUnequalShares({ providers }: ResolvedConfig): boolean {
  return providers.some(({ provider: one }) =>
    providers.some(
      ({ provider: other }) =>
        one.enabled &&
        other.enabled &&
        one.tier !== null &&
        one.tier === other.tier &&
        one.weight !== other.weight,
    ),
  );
}
