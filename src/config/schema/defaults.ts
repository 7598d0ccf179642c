import type { ConfigInput, Reaction } from '../../../models/config.ts';
import type { SettingTable } from '../../../models/setting.ts';
import { settings } from '../../../models/settings.ts';

/** The default of each setting, in the form an operator would write. Settings without a default are absent. */
export const defaults: Readonly<Record<string, unknown>> = defaultsOf(settings);

/** The defaults that a table declares, as written. */
export function defaultsOf(table: SettingTable): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, setting]) =>
      'default' in setting ? [[name, setting.default]] : [],
    ),
  );
}

/** What each named reaction sets in place of the defaults. */
export const reactions: Readonly<Record<Reaction, Partial<ConfigInput>>> = {
  calm: { checkInterval: '5s', checkTimeout: '1s', minOutage: '3s', failbackDelay: '60s' },
  normal: {},
  fast: { checkInterval: '100ms', minOutage: '300ms' },
};

/** The first table id for providers that set none. */
export const firstTableId = 101;

/** The first table id for devices found by pattern, far from those of the list, which may grow. */
export const firstFoundTableId = 1001;
