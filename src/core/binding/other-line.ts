/**
 * What is forgotten: with another address or gateway a path is another line, of which nothing is known yet. Not
 * with another IPv6 address that was made for the same network: those change by themselves (RFC 8981).
 */
import type { Binding } from '../../../models/path.ts';
import { discoversGateway } from '../state/gateway-search.ts';
import type { Remembered } from '../state/memory.ts';
import { hurry } from '../state/recovery.ts';
import { startOver } from '../state/start-over.ts';
import type { PathState, State } from '../state/state.ts';

/**
 * Has a path that nothing is in the way of be judged for what it is bound to now. Returns the address and gateway
 * that it was judged for, if those were others. `wasObstructed`: until now.
 */
export function judgeForBinding(state: State, path: PathState, wasObstructed: boolean): string | undefined {
  const { binding, judged, recovery } = path;
  if (binding === undefined) return undefined;
  const isAgain = path.health === 'reliable' || (wasObstructed && recovery.lostBy === 'obstacle');
  const isOther = judged === undefined ? path.health !== 'unknown' : isOtherLine(path, judged, binding);
  if (isOther) forget(state, path);
  path.judged = { address: binding.address, network: binding.network, gateway: binding.gateway };
  if (isAgain && (isOther || wasObstructed))
    hurry(recovery, state.config.minConsecutiveSucceededChecks + 1, state.at);
  return isOther && judged !== undefined ? nameOf(judged) : undefined;
}

function isOtherLine({ provider, family }: PathState, judged: Remembered, now: Binding): boolean {
  if (!discoversGateway(provider, family) && judged.gateway !== now.gateway) return true;
  if (judged.address === now.address) return false;
  const isAutomatic = family === 6 && provider.addressing[6].address === 'auto';
  return !isAutomatic || now.network === undefined || judged.network !== now.network;
}

function forget(state: State, path: PathState): void {
  startOver(path, state.config);
  for (const { failures } of state.targets[path.family].values()) failures.delete(path.key);
}

function nameOf({ address, gateway }: Remembered): string {
  return gateway === undefined ? address : `${address} through ${gateway}`;
}
