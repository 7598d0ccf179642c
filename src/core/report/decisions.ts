/** The words of decisions about targets, the operator's orders, the kernel and the daemon itself. */
import type { Config } from '../../../models/config.ts';
import type { UnnumberedDecision } from '../../../models/decision.ts';
import type { KernelNote, Sticky } from '../../../models/event.ts';
import type { Instant } from '../../../models/instant.ts';
import type { ProviderChange } from '../binding/pattern-providers.ts';
import type { TargetChange } from '../health/targets.ts';

const shownCommands = 4;
const keptCommands = 20; // a first start may run a hundred; `failover plan` shows them all

/** A target was set aside, or answers again; `undefined`: that has been said. */
export function targetDecision(
  at: Instant,
  { family, target, news }: TargetChange,
): UnnumberedDecision | undefined {
  if (news === undefined) return undefined;
  const [what, reason] = targetWords[news];
  const sentence = `target "${target}" ${what}`;
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

/** A note about the kernel's routes for the operator. The commands are a detail, unless they failed. */
export function kernelDecision(at: Instant, { kind, message, commands }: KernelNote): UnnumberedDecision {
  const severity = kind === 'changed' ? 'info' : kind === 'recovered' ? 'notice' : 'warning';
  return {
    ...blank(at),
    kind: 'kernel',
    severity,
    sentence: message,
    reason: kind === 'failed' || kind === 'conflict' ? shortenCommands(commands) : '',
    numbers: { kind },
    ...(commands.length > 0 && { commands: commands.slice(0, keptCommands) }),
  };
}

/** The first few commands on one line, and how many more there are. */
export function shortenCommands(commands: readonly string[]): string {
  const shown = commands.slice(0, shownCommands).join('; ');
  return commands.length > shownCommands ? `${shown}; and ${commands.length - shownCommands} more` : shown;
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

/** A device became a provider because a pattern matches it, or no longer is one. */
export function memberDecision(at: Instant, { provider, added }: ProviderChange): UnnumberedDecision {
  const { id, interfaceName, foundBy = '' } = provider;
  const what = foundBy === 'auto' ? 'has a default route' : `matches "${foundBy}"`;
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
