/** Probes in addition to checks: of the gateway while checks fail, of the path MTU while they pass. */
import type { DiagnosisPlan } from '../../../models/check-plan.ts';
import type { Config } from '../../../models/config.ts';
import type { Instant } from '../../../models/instant.ts';
import { checksSuspended } from '../election/new-traffic.ts';
import type { PathState, State } from '../state/state.ts';
import { slowdownOf } from './probe-budget.ts';

const doubtPaceMs = 1000;
const downPaceMs = 10_000;
const mtuPaceMs = 300_000;
const mtuAgainMs = 60_000; // while full-size packets do not pass, or the MTU could not be measured
const firstMtuMs = 2000; // after the path was bound: its first checks come first
const spreadMs = 20; // between the first measurements of many paths

/** The next diagnosis of a path; `undefined` while there is none. */
export function nextDiagnosis(state: State, path: PathState): DiagnosisPlan | undefined {
  const { binding, obstacle, liveness, findings } = path;
  if (binding === undefined || obstacle !== undefined || checksSuspended(state, path.family))
    return undefined;
  const timeoutMs = state.config.checkTimeoutMs;
  if (liveness === 'up') return { at: mtuDueAt(state, path), ask: 'mtu', binding, timeoutMs };
  const gatewayWorks = findings.fault?.beyond === true; // something beyond it answers
  if (liveness === 'unknown' || binding.gateway === undefined || gatewayWorks) return undefined;
  return { at: gatewayDueAt(path), ask: 'gateway', binding, timeoutMs: gatewayTimeoutMs(state.config) };
}

/** At once when doubt begins, then at a steady pace. */
function gatewayDueAt({ findings, failedSince, liveness, lastEnd }: PathState): Instant {
  const { gateway } = findings.askedAt;
  if (gateway === undefined || gateway < (failedSince ?? 0)) return lastEnd ?? 0;
  return gateway + (liveness === 'doubt' ? doubtPaceMs : downPaceMs);
}

function mtuDueAt(state: State, path: PathState): Instant {
  const { askedAt, mtu } = path.findings;
  const paceMs = mtu?.passes ? mtuPaceMs : mtuAgainMs;
  if (askedAt.mtu !== undefined) return askedAt.mtu + paceMs * slowdownOf(state, path);
  return path.readyAt + firstMtuMs + share(path.key) * spreadMs * state.paths.size;
}

/** Short enough for the answer to be known when the path is judged down. */
function gatewayTimeoutMs({ minOutageMs }: Config): number {
  return Math.min(500, Math.max(100, minOutageMs / 2));
}

/** A number from 0 to 1, fixed for each path. */
function share(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i += 1) hash = (hash * 31 + key.charCodeAt(i)) % 1009;
  return hash / 1009;
}
