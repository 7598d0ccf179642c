import type { Snapshot } from '../../models/snapshot.ts';
import { familyName } from '../core/format.ts';
import { moment } from './terminal.ts';

/** The state in one line, for `systemctl status`: `IPv4 goes through fibre; lte is unreliable`. */
export function statusLine({ active, paths, sticky, trial }: Snapshot): string {
  const carried = ([4, 6] as const)
    .filter((family) => active[family].length > 0)
    .map((family) => `${familyName(family)} goes through ${active[family].join(', ')}`);
  const bad = paths
    .filter(({ health, role }) => health === 'unreliable' && role !== 'disabled' && role !== 'absent')
    .map(({ provider, family }) => `${provider} is unreliable (${familyName(family)})`);
  return [
    ...(carried.length === 0 ? ['no provider carries traffic'] : carried),
    ...(sticky === undefined ? [] : [`pinned to ${sticky.id}`]),
    ...(trial === undefined ? [] : [`${trial.file} is on trial until ${moment(trial.until)}`]),
    ...bad,
  ].join('; ');
}
