/** Reads what `mmcli -J` prints. Fields differ between versions; one that is missing, empty or `--` is not known. */
import type { Modem } from '../../../models/modem.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The D-Bus paths of all modems, as `mmcli -L` lists them. */
export function readModemPaths(shown: unknown): readonly string[] {
  return texts(at(shown, 'modem-list'));
}

/** A modem, as `mmcli -m` and `mmcli -m --signal-get` show it; undefined if that is no modem. */
export function readModem(shown: unknown, signals: unknown): Modem | undefined {
  const generic = at(shown, 'modem', 'generic');
  const state = text(at(generic, 'state'));
  if (state === undefined) return undefined;
  const lock = text(at(generic, 'unlock-required'));
  const technology = texts(at(generic, 'access-technologies')).at(-1);
  return withoutUnknown({
    devices: networkDevices(texts(at(generic, 'ports'))),
    state,
    failure: text(at(generic, 'state-failed-reason')),
    lock: lock === 'none' ? undefined : lock,
    registration: text(at(shown, 'modem', '3gpp', 'registration-state')),
    operator:
      text(at(shown, 'modem', '3gpp', 'operator-name')) ?? text(at(shown, 'modem', '3gpp', 'operator-code')),
    technology: technology === 'unknown' ? undefined : technology,
    signal: quality(at(generic, 'signal-quality')),
    signalDbm: strength(at(signals, 'modem', 'signal')),
  });
}

/** `wwan0 (net)` */
function networkDevices(ports: readonly string[]): readonly string[] {
  return ports.flatMap((port) => /^(\S+) \(net\)$/.exec(port)?.[1] ?? []);
}

/** The signal in percent; one that is not recent says nothing. */
function quality(shown: unknown): number | undefined {
  const percent = number(at(shown, 'value'));
  return text(at(shown, 'recent')) === 'no' || percent === undefined || percent > 100 ? undefined : percent;
}

/** What the receiver measured, newest technology first. Only known where another program has asked for it. */
function strength(signal: unknown): number | undefined {
  const measured = [
    at(signal, '5g', 'rsrp'),
    at(signal, 'lte', 'rsrp'),
    at(signal, 'umts', 'rssi'),
    at(signal, 'gsm', 'rssi'),
    at(signal, 'lte', 'rssi'),
  ];
  const dBm = measured.map(number).find((value) => value !== undefined && value < 0 && value > -200);
  return dBm === undefined ? undefined : Math.round(dBm);
}

function at(shown: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), shown);
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  return ['', '--', 'unknown'].includes(trimmed) ? undefined : trimmed;
}

/** A list; a single value where an older version printed no list. */
function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((each) => text(each) ?? []);
}

function number(value: unknown): number | undefined {
  const shown = text(value);
  const parsed = shown === undefined ? Number.NaN : Number(shown);
  return Number.isFinite(parsed) ? parsed : undefined;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutUnknown(modem: { readonly [K in keyof Modem]: Modem[K] | undefined }): Modem {
  const known = Object.entries(modem).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as unknown as Modem; // `devices` and `state` are always known
}
