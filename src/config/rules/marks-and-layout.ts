import { mistake } from '../mistake.ts';
import { marksWithin } from '../values/marks.ts';
import type { Rule } from './rule.ts';

/** What layouts, several active providers and connection marks require. */
export const sharingRules: readonly Rule[] = [
  {
    reads: ['activeTableId'],
    severity: 'mistake',
    find: ({ settings: { activeTableId }, providers }) => {
      const same = providers.find(({ draft }) => draft.values.rtTableId === activeTableId);
      return same === undefined
        ? undefined
        : mistake(
            'activeTableId',
            `must differ from every provider's rtTableId; ${same.draft.path} has the same`,
            { found: activeTableId },
          );
    },
  },
  {
    reads: ['fwmarkMask'],
    severity: 'mistake',
    find: ({ settings: { fwmarkMask }, providers }) =>
      fwmarkMask !== undefined && marksWithin(fwmarkMask) < providers.length
        ? mistake(
            'fwmarkMask',
            `must tell ${providers.length} providers apart; these bits tell ${marksWithin(fwmarkMask)}`,
            { found: `0x${fwmarkMask.toString(16)}` },
          )
        : undefined,
  },
  {
    reads: ['connectionMarks', 'stickyClients'],
    severity: 'mistake',
    find: ({ settings: { connectionMarks, stickyClients }, providers }) => {
      const wants = providers.find(
        ({ provider }) =>
          provider.nat[4] !== 'none' || provider.nat[6] !== 'none' || provider.onFailback.kind !== 'soft',
      );
      const what = stickyClients === undefined ? wants?.draft.path : 'stickyClients';
      if (connectionMarks !== false || what === undefined) return undefined;
      const rule = `must not be false, as ${what} acts on marked connections; leave it out`;
      return mistake('connectionMarks', rule, { found: false });
    },
  },
  {
    reads: ['layout', 'excludes'],
    severity: 'warning',
    find: ({ settings: { layout, excludes }, sources }) =>
      layout !== 'table' && sources['excludes'] === 'config' && Object.keys(excludes).length > 0
        ? mistake('excludes', "have no effect without layout: 'table', where rules send them past our table")
        : undefined,
  },
  {
    reads: ['downlinks'],
    severity: 'mistake',
    find: ({ settings: { downlinks }, providers }) => {
      for (const [side, names] of Object.entries(downlinks)) {
        const both = providers.find(({ provider }) => names?.includes(provider.interfaceName));
        if (both === undefined) continue;
        const rule = `must not be the interface of ${both.draft.path}: it leads to your own network`;
        return mistake(`downlinks.${side}`, rule, { found: both.provider.interfaceName });
      }
      return undefined;
    },
  },
];
