/** The words of every decision: what happened, and why, the same in journal, status, notification and test. */
import type { Decision } from '../../../models/decision.ts';
import type { KernelNote, Sticky } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { PathMtu } from '../../../models/layer.ts';
import type { Family } from '../../../models/path.ts';
import type { Health } from '../../../models/snapshot.ts';
import type { ProviderChange } from '../binding/pattern-providers.ts';
import type { Choice } from '../election/election.ts';
import { familyName } from '../format.ts';
import { type Cause, mtuRemark } from '../health/cause.ts';
import type { Verdict } from '../health/reliability.ts';
import type { TargetChange } from '../health/targets.ts';
import type { PathState } from '../state/state.ts';

const mostNamed = 6; // providers in one sentence
const mostCommands = 8;

/** A path's health changed. */
export function healthDecision(at: Instant, path: PathState, from: Health, verdict: Verdict): Decision {
  const { health, why } = verdict;
  const down = path.liveness === 'down' || path.obstacle !== undefined;
  const now = health === 'unreliable' && down ? 'down' : health;
  return {
    ...about(at, path),
    kind: 'health',
    severity: health === 'unreliable' ? 'warning' : 'notice',
    from,
    to: health,
    sentence: `${path.provider.id} (${familyName(path.family)}) is ${now}`,
    ...why(),
  };
}

/** Which layer of a path that is down broke, found out after the verdict. */
export function causeDecision(at: Instant, path: PathState, { layer, words = '' }: Cause): Decision {
  return {
    ...about(at, path),
    kind: 'cause',
    severity: 'info',
    sentence: `${path.provider.id} (${familyName(path.family)}) broke at: ${layer}`,
    reason: words,
    numbers: { layer },
  };
}

/** Packets of full size do not pass through a path, or pass again. */
export function mtuDecision(at: Instant, path: PathState, mtu: PathMtu): Decision {
  const { size, passes, largest, told } = mtu;
  const reason = mtuRemark(mtu, path.provider.interfaceName) ?? `a packet of ${size} bytes passed`;
  return {
    ...about(at, path),
    kind: 'cause',
    severity: passes || told !== undefined ? 'info' : 'warning',
    sentence: `${path.provider.id} (${familyName(path.family)}) ${passes ? 'takes packets of full size again' : 'does not take packets of full size'}`,
    reason,
    numbers: { layer: 'mtu', size, ...(largest && { largest }), ...(told && { told }) },
  };
}

/** Something in the way of a path came or went without changing its health. */
export function obstacleDecision(at: Instant, path: PathState): Decision {
  const { obstacle, provider, family } = path;
  return {
    ...about(at, path),
    kind: 'link',
    severity: 'info',
    sentence: `${provider.id} (${familyName(family)}) ${obstacle === undefined ? 'can be checked' : 'cannot be checked'}`,
    reason: obstacle ?? `bound to ${path.binding?.interfaceName} with ${path.binding?.address}`,
  };
}

/** What changed about who carries a family's traffic. */
interface Switch {
  readonly family: Family;
  readonly from: readonly string[];
  readonly choice: Choice;
  readonly left: readonly PathState[]; // those that no longer carry it
}

/** The traffic of one family moves, or is shared by others than before. */
export function switchDecision(at: Instant, { family, from, choice, left }: Switch): Decision {
  const { ids, cause } = choice;
  const name = familyName(family);
  const stays = ids.some((id) => from.includes(id));
  const severe =
    cause === 'failover' || cause === 'all down' || (stays && left.length > 0 && cause !== 'sticky');
  return {
    ...blank(at),
    kind: 'switch',
    severity: severe ? 'warning' : 'notice',
    provider: choice.id,
    family,
    from: list(from, ', '),
    to: list(ids, ', '),
    sentence: stays ? shared(name, from, ids) : moved(name, list(from), list(ids)),
    reason: stays && cause === 'stays' ? whyShared(choice, left) : `${cause}: ${choice.reason}`,
    numbers: { cause },
  };
}

/** Some of those who carried the traffic still do. */
function shared(name: string, from: readonly string[], ids: readonly string[]): string {
  const [before, after] = [new Set(from), new Set(ids)];
  const gone = list(from.filter((id) => !after.has(id)));
  const joined = list(ids.filter((id) => !before.has(id)));
  const without = gone === undefined ? '' : `, without ${gone}`;
  return joined === undefined
    ? `${name} goes on through ${list(ids)}${without}`
    : `${name} goes through ${list(ids)}${without}: ${joined} joins`;
}

function whyShared({ ids }: Choice, left: readonly PathState[]): string {
  if (left.length === 0) return `shared: ${list(ids)} are the reliable ones of their tier`;
  const states = left.slice(0, mostNamed).map((path) => {
    const isDown = path.liveness === 'down' || path.obstacle !== undefined;
    const what = path.provider.enabled ? (isDown ? 'is down' : `is ${path.health}`) : 'is disabled';
    return `${path.provider.id} ${what}: ${path.why().reason}`;
  });
  return `shared: ${states.join('; ')}`;
}

/** A range may have a thousand. */
function list(ids: readonly string[], between = ' and '): string | undefined {
  if (ids.length <= mostNamed) return ids.length === 0 ? undefined : ids.join(between);
  return `${ids.slice(0, mostNamed - 1).join(', ')} and ${ids.length - mostNamed + 1} more`;
}

/** A target was found dead, or answers again. */
export function targetDecision(at: Instant, { family, target, dead }: TargetChange): Decision {
  return {
    ...blank(at),
    kind: 'target',
    severity: dead ? 'warning' : 'notice',
    family,
    sentence: `target '${target}' ${dead ? 'is dead and set aside' : 'answers again'}`,
    reason: dead
      ? 'it fails through every provider while other targets pass'
      : 'it passed through a provider',
    numbers: {},
  };
}

/** The operator's pin changed. */
export function stickyDecision(
  at: Instant,
  before: Sticky | undefined,
  sticky: Sticky | undefined,
): Decision {
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

/** The sticky file says something that cannot be used. */
export function ignoredPin(at: Instant, reason: string): Decision {
  return {
    ...blank(at),
    kind: 'sticky',
    severity: 'warning',
    sentence: 'the sticky file is ignored',
    reason,
  };
}

/** Something about the kernel that an operator should know. */
export function kernelDecision(at: Instant, note: KernelNote): Decision {
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

/** A first start writes a hundred commands; `failover plan` shows them all. */
function shorten(commands: readonly string[]): string {
  const shown = commands.slice(0, mostCommands).join('; ');
  return commands.length > mostCommands ? `${shown}; and ${commands.length - mostCommands} more` : shown;
}

/** The daemon starts, stops or reloads. */
export function lifeDecision(at: Instant, kind: 'life' | 'config', sentence: string, reason = ''): Decision {
  return { ...blank(at), kind, severity: 'info', sentence, reason, numbers: {} };
}

/** A neighbour passed a check as gateway. */
export function gatewayDecision(at: Instant, path: PathState): Decision {
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

/** A device became a provider because its name matches a pattern, or is one no more. */
export function memberDecision(at: Instant, { provider, added }: ProviderChange): Decision {
  const { id, interfaceName, foundBy = '' } = provider;
  const what = foundBy === 'auto' ? 'has a default route' : `matches '${foundBy}'`;
  return {
    ...blank(at),
    kind: 'link',
    severity: 'notice',
    provider: id,
    sentence: added ? `${id} is a provider now` : `${id} is no provider any more`,
    reason: added ? `interface ${interfaceName} ${what}` : `interface ${interfaceName} is gone`,
    numbers: { foundBy },
  };
}

function moved(name: string, from: string | undefined, to: string | undefined): string {
  if (to === undefined) return `${name} has no provider any more`;
  return from === undefined ? `${name} goes through ${to}` : `${name} moves from ${from} to ${to}`;
}

function about(at: Instant, path: PathState): Decision {
  return { ...blank(at), provider: path.provider.id, family: path.family };
}

function blank(at: Instant): Decision {
  return {
    at,
    kind: 'life',
    severity: 'info',
    provider: undefined,
    family: undefined,
    from: undefined,
    to: undefined,
    sentence: '',
    reason: '',
    numbers: {},
  };
}
