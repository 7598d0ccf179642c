import { isLoopback, splitListen } from '../../../models/listen.ts';
import { mistake } from '../mistake.ts';
import type { Rule } from './rule.ts';

/** Who can read the metrics. */
export const metricsRules: readonly Rule[] = [
  {
    reads: ['metrics'],
    severity: 'warning',
    find: ({ settings: { metrics } }) => {
      const listen = metrics?.listen === undefined ? undefined : splitListen(metrics.listen);
      return listen !== undefined && !isLoopback(listen) && metrics?.allow === undefined
        ? mistake(
            'metrics.listen',
            "answers every machine that can reach this address, through your providers too; name those that may ask in metrics.allow, such as ['192.168.1.0/24']",
            { found: metrics?.listen },
          )
        : undefined;
    },
  },
  {
    reads: ['metrics'],
    severity: 'mistake',
    find: ({ settings: { metrics } }) =>
      metrics?.allow !== undefined && metrics.listen === undefined
        ? mistake(
            'metrics.allow',
            'has no effect without metrics.listen; leave it out, or say where to listen',
            {
              found: metrics.allow,
            },
          )
        : undefined,
  },
];
