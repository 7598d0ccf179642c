import type { Config } from '../../../models/config.ts';
import type { Provider } from '../../../models/provider.ts';
import { settings as declared } from '../../../models/settings.ts';
import type { SettingValues } from '../schema/schema.ts';
import { fittingMask, needsMarks } from '../values/marks.ts';
import { durationMs } from '../values/units.ts';

const { by, timeout } = declared.stickyClients.fields;

type Settings = Pick<SettingValues, 'stickyClients' | 'connectionMarks' | 'fwmarkMask' | 'downlinks'>;

/** The settings of connections. `providers` includes those of patterns; `room`: the most providers there can be. */
export function connectionsOf(
  settings: Settings,
  providers: readonly Provider[],
  room: number,
): Pick<Config, 'stickyClients' | 'downlinks' | 'fwmarkMask' | 'connectionMarks' | 'externalMarks'> {
  const { stickyClients: clients, connectionMarks, fwmarkMask } = settings;
  const { lan = [], dmz = [] } = settings.downlinks ?? {};
  const isExternal = connectionMarks === 'external';
  return {
    stickyClients: clients && {
      by: clients.by ?? by.default,
      timeoutMs: clients.timeout ?? durationMs(timeout.default) ?? 0,
    },
    downlinks: { lan, dmz },
    fwmarkMask: fwmarkMask ?? fittingMask(room),
    connectionMarks: isExternal || (connectionMarks ?? needsMarks(settings, providers)),
    ...(isExternal ? { externalMarks: true as const } : {}), // a literal type, or it would widen to boolean
  };
}
