import type { ConfigInput, Reaction } from '../../../models/config.ts';
import type { SettingTable } from '../../../models/setting.ts';
import { settings } from '../../../models/settings.ts';

/** What each setting is when it is left out, in the form an operator would write. Those without a default are not in it. */
export const defaults: Readonly<Record<string, unknown>> = defaultsOf(settings);

/** The defaults of a table, as written. */
export function defaultsOf(table: SettingTable): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, setting]) =>
      'default' in setting ? [[name, setting.default]] : [],
    ),
  );
}

/** What each named reaction sets instead of the defaults. */
export const reactions: Readonly<Record<Reaction, Partial<ConfigInput>>> = {
  calm: { checkInterval: '5s', checkTimeout: '1s', minOutage: '3s', failbackDelay: '60s' },
  normal: {},
  fast: { checkInterval: '100ms', minOutage: '300ms' },
};

/** The first table id given to a provider that names none. */
export const firstTableId = 101;

/** The first table id given to devices found by pattern, far from those of the list, which may grow. */
export const firstFoundTableId = 1001;
