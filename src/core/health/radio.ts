/** What a modem tells of the lowest layer: whether it is in a network at all, in whose, and how well it hears it. */
import { isRoaming, type Modem } from '../../../models/modem.ts';
import type { PathState, State } from '../state/state.ts';
import { isAvoided } from '../state/tier.ts';

const inaudible = { percent: 0, dBm: -120 }; // at most

/** Why nothing can get through a modem; undefined while it is connected, and of what ModemManager says nothing. */
export function radioFault(modem: Modem): string | undefined {
  const { state, failure, lock, registration } = modem;
  switch (state) {
    case 'failed':
      return failure === 'sim-missing'
        ? 'SIM missing'
        : `the modem has failed (${failure ?? 'no reason is known'})`;
    case 'locked':
      return `the SIM is locked (it asks for ${lock ?? 'a PIN'})`;
    case 'disabled':
    case 'disabling':
      return 'the modem is disabled';
  }
  if (registration === 'denied') return 'the operator denies registration';
  const isRegistered = registration === 'home' || isRoaming(modem);
  if (isInaudible(modem)) return `no signal${figures(modem)}`;
  if (state === 'searching' || state === 'enabled' || (registration !== undefined && !isRegistered))
    return `not registered${figures(modem)}`;
  return state === 'registered' ? 'registered, but ModemManager has not connected it' : undefined;
}

/** A modem in a few words: `LTE, Telekom.de, roaming, signal 61 % (-95 dBm)`; '' if nothing is known. */
export function radioWords(modem: Modem | undefined): string {
  if (modem === undefined) return 'ModemManager no longer knows its modem';
  const { technology, operator, signal, signalDbm } = modem;
  const dBm = signalDbm === undefined ? undefined : `${signalDbm} dBm`;
  const heard = signal === undefined ? dBm : `${signal} %${dBm === undefined ? '' : ` (${dBm})`}`;
  return [
    technologyName(technology),
    operator,
    isRoaming(modem) ? 'roaming' : undefined,
    heard && `signal ${heard}`,
  ]
    .filter((word) => word !== undefined)
    .join(', ');
}

/** What an operator should know of a path's modem while it works. */
export function roamingRemark(path: PathState): string | undefined {
  if (!isAvoided(path)) return undefined;
  const { operator } = path.findings.modem ?? {};
  return `it roams${operator === undefined ? '' : ` (${operator})`}: used only while no other provider is reliable (roaming: 'avoid')`;
}

/** Gives each path the modem of its device. Returns the paths of which it changed, or began or ceased to roam. */
export function noteModems({ modems, paths }: State): {
  readonly changed: readonly PathState[];
  readonly roaming: readonly PathState[];
} {
  const byDevice = new Map(
    modems.flatMap((modem) => modem.devices.map((device) => [device, modem] as const)),
  );
  const [changed, roaming]: [PathState[], PathState[]] = [[], []];
  for (const path of paths.values()) {
    const { findings, provider } = path;
    const [before, modem] = [findings.modem, byDevice.get(provider.interfaceName)];
    if (modem === before) continue;
    findings.modem = modem;
    changed.push(path);
    if (roams(before) !== roams(modem)) roaming.push(path);
  }
  return { changed, roaming };
}

function roams(modem: Modem | undefined): boolean {
  return modem !== undefined && isRoaming(modem);
}

function isInaudible({ signal, signalDbm }: Modem): boolean {
  return signalDbm === undefined
    ? signal !== undefined && signal <= inaudible.percent
    : signalDbm <= inaudible.dBm;
}

function figures({ signal, signalDbm }: Modem): string {
  if (signalDbm !== undefined) return ` (${signalDbm} dBm)`;
  return signal === undefined ? '' : ` (signal ${signal} %)`;
}

function technologyName(technology: string | undefined): string | undefined {
  return technology === '5gnr' ? '5G' : technology?.toUpperCase();
}
