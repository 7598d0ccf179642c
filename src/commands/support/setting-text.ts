/** What `failover check` shows of settings, spelled as in a configuration. */
import type { Config } from '../../../models/config.ts';
import { hexMark } from '../../../models/mark.ts';
import type { OnFailback } from '../../../models/on-failback.ts';
import type { Provider } from '../../../models/provider.ts';
import { type ProviderField, providerFields } from '../../../models/provider-fields.ts';
import type { Limits, Setting, SettingTable } from '../../../models/setting.ts';
import { settings } from '../../../models/settings.ts';
import { spellDuration } from '../../config/values/units.ts';
import { bytes } from '../../core/format.ts';

/** The common settings, and the fields of a provider, that are shown, in order. */
export const shownSettings = Object.keys(settings).filter((name) => name !== 'reaction');
export const shownFields = Object.entries<ProviderField>(providerFields).flatMap(([name, { isShown }]) =>
  isShown === false ? [] : [name],
);

/** A common setting's value as text. */
export function settingText(config: Config, name: string): string {
  const { frr, externalMarks } = config;
  const values = new Map<string, unknown>([
    ...Object.entries(config),
    ['backend', frr === undefined ? 'kernel' : 'frr'],
    ...(externalMarks === true ? [['connectionMarks', 'external'] as const] : []),
  ]);
  return textOf(commonTable[name], values.get(name) ?? values.get(`${name}Ms`));
}

/** The value of a provider's field as text. */
export function fieldText(config: Config, provider: Provider, name: string): string {
  const { addressing, nat, nameservers, requiredSuccessful } = provider;
  const values = new Map<string, unknown>([
    ...Object.entries(provider),
    ['nameservers', nameservers ?? config.nameservers],
    ['requiredSuccessful', requiredSuccessful ?? config.requiredSuccessful],
    ['ipv4Address', addressing[4].address],
    ['network', addressing[4].network],
    ['gateway', addressing[4].gateway],
    ['ipv6Address', addressing[6].address],
    ['ipv6Network', addressing[6].network],
    ['ipv6Gateway', addressing[6].gateway],
    ['nat', nat[4]],
    ['ipv6Nat', nat[6]],
  ]);
  return textOf(fieldTable[name], values.get(name));
}

const commonTable: SettingTable = settings;
const fieldTable: SettingTable = providerFields;

/** The text of a parsed value. */
function textOf(setting: Setting | undefined, value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (value === undefined) return isLimit(setting) ? 'no limit' : 'none';
  switch (setting?.kind) {
    case 'duration':
      return spellDuration(Number(value));
    case 'bytes':
      return `${bytes(Number(value))} ${setting.per}`;
    case 'limits':
    case 'limitsOr':
      return limitsText(value as Limits<number> | string, setting.of); // its value, by `Value`
    case 'options':
      return optionsText(setting.fields, value as Readonly<Record<string, unknown>>); // likewise
    case 'text':
      if (setting.form === 'mark mask') return hexMark(Number(value));
      return setting.form === 'on failback' ? failbackText(value as OnFailback) : String(value);
    default:
      return String(value);
  }
}

function isLimit(setting: Setting | undefined): boolean {
  return setting?.kind === 'limits' || setting?.kind === 'bytes';
}

function limitsText(limits: Limits<number> | string, of: 'ratio' | 'duration'): string {
  if (typeof limits === 'string') return 'no limit';
  const { down, up, whileLoaded } = limits;
  const spell = of === 'ratio' ? (ratio: number) => `${Math.round(ratio * 1e4) / 100}%` : spellDuration;
  const pair = (each: { down: number; up: number }): string =>
    `down over ${spell(each.down)}, up under ${spell(each.up)}`;
  const loaded =
    whileLoaded === undefined || whileLoaded === 'ignore' ? '' : `; while loaded ${pair(whileLoaded)}`;
  return `${pair({ down, up })}${loaded}`;
}

function optionsText(fields: SettingTable, values: Readonly<Record<string, unknown>>): string {
  const texts = Object.entries(fields).map(
    ([name, option]) => `${name} ${textOf(option, values[name] ?? values[`${name}Ms`])}`,
  );
  return texts.join(Object.values(fields).some(({ kind }) => kind === 'texts') ? '; ' : ', ');
}

function failbackText(what: OnFailback): string {
  return what.kind === 'drain' ? `drain ${spellDuration(what.afterMs)}` : what.kind;
}
