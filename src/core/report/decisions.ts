/** The words of every decision, the same in journal, status, notifications and tests. */
import type { Config } from '../../../models/config.ts';
import type { Evidence, UnnumberedDecision } from '../../../models/decision.ts';
import type { KernelNote, Sticky } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { PathMtu } from '../../../models/layer.ts';
import type { Health } from '../../../models/snapshot.ts';
import type { ProviderChange } from '../binding/pattern-providers.ts';
import { familyName } from '../format.ts';
import { type Cause, mtuRemark } from '../health/cause.ts';
import { policingRemark } from '../health/policing.ts';
import type { Verdict } from '../health/reliability.ts';
import type { TargetChange } from '../health/targets.ts';
import type { PathState } from '../state/state.ts';

const mostCommands = 8;

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
    sentence: `${path.provider.id} (${familyName(path.family)}) broke at: ${layer}`,
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
    sentence: `${path.provider.id} (${familyName(path.family)}) ${passes ? 'passes full-size packets again' : 'does not pass full-size packets'}`,
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
  const { obstacle, provider, family } = path;
  return {
    ...about(at, path),
    kind: 'link',
    severity: 'info',
    sentence: `${provider.id} (${familyName(family)}) ${obstacle === undefined ? 'can be checked' : 'cannot be checked'}`,
    reason: obstacle ?? `bound to ${path.binding?.interfaceName} with ${path.binding?.address}`,
  };
}

/** A target was set aside, or answers again; `undefined`: that has been said. */
export function targetDecision(
  at: Instant,
  { family, target, news }: TargetChange,
): UnnumberedDecision | undefined {
  if (news === undefined) return undefined;
  const [what, reason] = targetWords[news];
  const sentence = `target '${target}' ${what}`;
  const severity = news === 'back' ? 'notice' : 'warning';
  return { ...blank(at), kind: 'target', severity, family, sentence, reason, numbers: {} };
}

const targetWords = {
  dead: ['is dead and set aside', 'it fails through every provider while other targets pass'],
  unsteady: [
    'answers only now and then, and is set aside until it answers steadily',
    'it failed through every provider again soon after it had answered; perhaps it limits how often it answers',
  ],
  back: ['answers again', 'it passed several times in a row'],
} as const;

/** The operator's pin changed. */
export function stickyDecision(
  at: Instant,
  before: Sticky | undefined,
  sticky: Sticky | undefined,
): UnnumberedDecision {
  const end = sticky?.written ?? sticky?.until;
  const until = end === undefined ? '' : ` until ${new Date(end).toISOString()}`;
  return {
    ...blank(at),
    kind: 'sticky',
    severity: 'notice',
    provider: sticky?.id,
    from: before?.id,
    to: sticky?.id,
    sentence: sticky === undefined ? `no longer pinned to ${before?.id}` : `pinned to ${sticky.id}${until}`,
    reason: sticky === undefined ? 'the pin was taken back or is over' : 'sticky.provider says so',
  };
}

/** The content of the sticky file cannot be used. */
export function ignoredPin(at: Instant, reason: string): UnnumberedDecision {
  return {
    ...blank(at),
    kind: 'sticky',
    severity: 'warning',
    sentence: 'the sticky file is ignored',
    reason,
  };
}

/** A note about the kernel's routes for the operator. */
export function kernelDecision(at: Instant, note: KernelNote): UnnumberedDecision {
  const severity = note.kind === 'changed' ? 'info' : note.kind === 'recovered' ? 'notice' : 'warning';
  return {
    ...blank(at),
    kind: 'kernel',
    severity,
    sentence: note.message,
    reason: shorten(note.commands),
    numbers: { kind: note.kind },
  };
}

/** A first start may run a hundred commands; `failover plan` shows them all. */
function shorten(commands: readonly string[]): string {
  const shown = commands.slice(0, mostCommands).join('; ');
  return commands.length > mostCommands ? `${shown}; and ${commands.length - mostCommands} more` : shown;
}

/** The daemon starts or stops. */
export function lifecycleDecision(at: Instant, sentence: string, reason = ''): UnnumberedDecision {
  return { ...blank(at), kind: 'lifecycle', sentence, reason };
}

const byHand =
  'remove it by hand: ip -4 route flush table all proto 77, ip -4 rule flush protocol 77, the same with -6, ip nexthop flush proto 77, nft delete table inet failover';

/** The daemon stops. `left`: what should have been removed but could not be. */
export function stopDecision(
  at: Instant,
  reason: string,
  { onStop, left }: { readonly onStop: Config['onStop']; readonly left: string | undefined },
): UnnumberedDecision {
  const stopped = lifecycleDecision(
    at,
    'failover stopped',
    `${reason}; routes ${onStop === 'remove' ? 'removed' : 'kept'}`,
  );
  if (left === undefined) return stopped;
  return {
    ...stopped,
    severity: 'err',
    reason: `${reason}; not everything could be removed: ${left}; ${byHand}`,
  };
}

/** The configuration changes, or cannot be applied. */
export function configDecision(at: Instant, sentence: string, reason = ''): UnnumberedDecision {
  return { ...blank(at), kind: 'config', sentence, reason };
}

/** A check through a candidate gateway passed. */
export function gatewayDecision(at: Instant, path: PathState): UnnumberedDecision {
  const gateway = path.search.proven ?? '';
  return {
    ...about(at, path),
    kind: 'link',
    severity: 'notice',
    sentence: `the gateway of ${path.provider.id} (${familyName(path.family)}) is ${gateway}`,
    reason: `a check through this neighbour of ${path.provider.interfaceName} passed`,
    numbers: { gateway },
  };
}

/** A device became a provider because a pattern matches it, or no longer is one. */
export function memberDecision(at: Instant, { provider, added }: ProviderChange): UnnumberedDecision {
  const { id, interfaceName, foundBy = '' } = provider;
  const what = foundBy === 'auto' ? 'has a default route' : `matches '${foundBy}'`;
  return {
    ...blank(at),
    kind: 'link',
    severity: 'notice',
    provider: id,
    sentence: added ? `${id} is a provider now` : `${id} is no longer a provider`,
    reason: added ? `interface ${interfaceName} ${what}` : `interface ${interfaceName} is gone`,
    numbers: { foundBy },
  };
}

/** `fibre (IPv4)` */
function nameOf({ provider, family }: PathState): string {
  return `${provider.id} (${familyName(family)})`;
}

function about(at: Instant, path: PathState): UnnumberedDecision {
  return { ...blank(at), provider: path.provider.id, family: path.family };
}

/** A decision to fill in. */
export function blank(at: Instant): UnnumberedDecision {
  return {
    at,
    kind: 'lifecycle',
    severity: 'info',
    provider: undefined,
    family: undefined,
    from: undefined,
    to: undefined,
    sentence: '',
    reason: '',
    numbers: {},
    evidence: [],
  };
}
