/** The words of decisions about one path. */
import type { Evidence, UnnumberedDecision } from '../../../models/decision.ts';
import type { Instant } from '../../../models/instant.ts';
import type { PathMtu } from '../../../models/layer.ts';
import { isRoaming } from '../../../models/modem.ts';
import type { Health } from '../../../models/snapshot.ts';
import { familyName } from '../format.ts';
import { type Cause, mtuRemark } from '../health/cause.ts';
import { policingRemark } from '../health/policing.ts';
import { radioWords } from '../health/radio.ts';
import type { Verdict } from '../health/reliability.ts';
import type { PathState } from '../state/state.ts';
import { blank } from './decisions.ts';

/** A path's health changed. */
export function healthDecision(
  at: Instant,
  path: PathState,
  from: Health,
  verdict: Verdict,
): UnnumberedDecision {
  const { health, why } = verdict;
  const down = path.liveness === 'down' || path.obstacle !== undefined;
  const now = health === 'unreliable' && down ? 'down' : health;
  return {
    ...about(at, path),
    kind: 'health',
    severity: health === 'reliable' ? 'notice' : 'warning',
    from,
    to: health,
    sentence: health === 'unknown' ? `the health of ${nameOf(path)} is unknown` : `${nameOf(path)} is ${now}`,
    ...why(),
  };
}

/** A check could be made of a path that could not be checked. */
export function checkedAgainDecision(at: Instant, path: PathState): UnnumberedDecision {
  return {
    ...about(at, path),
    kind: 'health',
    severity: 'notice',
    from: path.health,
    to: path.health,
    sentence: `${nameOf(path)} is checked again`,
    reason: path.consecutiveFailed === 0 ? 'a check passed' : (path.lastReason ?? ''),
  };
}

/** What is known of a path is about another address or gateway: it is judged as if it were new. */
export function otherLineDecision(at: Instant, path: PathState, before: string): UnnumberedDecision {
  const { address, gateway } = path.binding ?? {};
  return {
    ...about(at, path),
    kind: 'link',
    severity: 'notice',
    sentence: `${nameOf(path)} is judged from the start`,
    reason: `it is bound to ${address}${gateway === undefined ? '' : ` through ${gateway}`} now, it was bound to ${before}`,
  };
}

/** Which layer of a down path broke, found out after the verdict. */
export function causeDecision(
  at: Instant,
  path: PathState,
  { layer, words = '' }: Cause,
): UnnumberedDecision {
  return {
    ...about(at, path),
    kind: 'cause',
    severity: 'info',
    sentence: `${nameOf(path)} broke at: ${layer}`,
    reason: words,
    numbers: { layer },
  };
}

/** Full-size packets do not pass through a path, or pass again. */
export function mtuDecision(at: Instant, path: PathState, mtu: PathMtu): UnnumberedDecision {
  const { size, passes, largest, told } = mtu;
  const reason = mtuRemark(mtu, path.provider.interfaceName) ?? `a packet of ${size} bytes passed`;
  return {
    ...about(at, path),
    kind: 'cause',
    severity: passes || told !== undefined ? 'info' : 'warning',
    sentence: `${nameOf(path)} ${passes ? 'passes full-size packets again' : 'does not pass full-size packets'}`,
    reason,
    numbers: { layer: 'mtu', size, ...(largest && { largest }), ...(told && { told }) },
    evidence: packetSize(mtu),
  };
}

function packetSize({ size, passes, largest }: PathMtu): readonly Evidence[] {
  const value = passes ? size : largest;
  if (value === undefined) return [];
  return [{ name: 'packetSize', value, unit: 'bytes', limit: size, sense: 'below', crossed: value < size }];
}

/** It was found that only so many echoes a second are answered. What was measured until then was that. */
export function policingDecision(at: Instant, path: PathState): UnnumberedDecision {
  const { answeredPerSecond = 0 } = path.pacing;
  return {
    ...about(at, path),
    kind: 'cause',
    severity: 'notice',
    sentence: `${nameOf(path)} is judged again by fewer echoes`,
    reason: policingRemark(path) ?? '',
    numbers: { answeredPerSecond: Number(answeredPerSecond.toFixed(2)) },
    evidence: [],
  };
}

/** An obstacle of a path appeared or disappeared without changing its health. */
export function obstacleDecision(at: Instant, path: PathState): UnnumberedDecision {
  const { obstacle } = path;
  return {
    ...about(at, path),
    kind: 'link',
    severity: 'info',
    sentence: `${nameOf(path)} ${obstacle === undefined ? 'can be checked' : 'cannot be checked'}`,
    reason: obstacle ?? `bound to ${path.binding?.interfaceName} with ${path.binding?.address}`,
  };
}

/** A check through a candidate gateway passed. */
export function gatewayDecision(at: Instant, path: PathState): UnnumberedDecision {
  const gateway = path.search.proven ?? '';
  return {
    ...about(at, path),
    kind: 'link',
    severity: 'notice',
    sentence: `the gateway of ${nameOf(path)} is ${gateway}`,
    reason: `a check through this neighbour of ${path.provider.interfaceName} passed`,
    numbers: { gateway },
  };
}

/** The modem of a provider is in another operator's network, or in its own again. */
export function roamingDecision(
  at: Instant,
  { provider, findings: { modem } }: PathState,
): UnnumberedDecision {
  const roams = modem !== undefined && isRoaming(modem);
  const avoided = roams && provider.roaming === 'avoid';
  return {
    ...blank(at),
    kind: 'link',
    severity: 'notice',
    provider: provider.id,
    sentence: `${provider.id} ${roams ? 'roams' : 'no longer roams'}`,
    reason: `${radioWords(modem)}${avoided ? "; used only while no other provider is reliable (roaming: 'avoid')" : ''}`,
  };
}

/** `fibre (IPv4)` */
function nameOf({ provider, family }: PathState): string {
  return `${provider.id} (${familyName(family)})`;
}

function about(at: Instant, path: PathState): UnnumberedDecision {
  return { ...blank(at), provider: path.provider.id, family: path.family };
}
