/**
 * A line that our own traffic fills is not a bad line: what waits in its queue makes answers late, and some are
 * lost. While it carries nearly the most that it ever carried, other limits apply, or none. Whether anything gets
 * through at all is judged as ever.
 */
import type { LoadEvent } from '../../../models/event.ts';
import type { Limits } from '../../../models/setting.ts';
import { DeviceLoad, type FullLoad } from '../state/load.ts';
import type { PathState, State } from '../state/state.ts';

/** Records what a device carries. */
export function noteLoad(state: State, { at, device, sent, received }: LoadEvent): void {
  const load = state.loads.get(device) ?? new DeviceLoad(at);
  state.loads.set(device, load);
  load.note(at, { sent, received });
  for (const path of state.paths.values()) if (path.binding?.interfaceName === device) path.load = load;
}

/** Lets time pass for all devices. */
export function advanceLoads({ loads, at }: State): void {
  for (const load of loads.values()) load.advance(at);
}

/**
 * The load that explains a path's figures: its line is full, or was so when one of the checks in its window was
 * made. A provider that has been left must show good figures: it carries next to nothing.
 */
export function loadBehind({ load, window, health }: PathState): FullLoad | undefined {
  const full = load?.full;
  if (full === undefined || health === 'unreliable') return undefined;
  return full.at >= (window.oldestStart ?? Number.POSITIVE_INFINITY) ? full : undefined;
}

/** The limit in force; `undefined`: none, as the line is full. */
export function limitInForce(
  path: PathState,
  limits: Limits<number>,
  side: 'down' | 'up',
): number | undefined {
  if (loadBehind(path) === undefined) return limits[side];
  const { whileLoaded = 'ignore' } = limits;
  return whileLoaded === 'ignore' ? undefined : whileLoaded[side];
}

/** `'18 of 20 Mbit/s were sent'` */
export function loadWords({ rate, peak, direction }: FullLoad): string {
  const most = Math.max(rate, peak);
  const [unit, size] =
    most < 999_500 ? ['kbit/s', 1e3] : most < 999_500_000 ? ['Mbit/s', 1e6] : ['Gbit/s', 1e9];
  const show = (bits: number): string =>
    most / size < 9.95 ? (bits / size).toFixed(1) : `${Math.round(bits / size)}`;
  return `${show(rate)} of ${show(most)} ${unit} were ${direction}`;
}
