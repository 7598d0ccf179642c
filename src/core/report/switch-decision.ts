/** The words of a switch: which providers carried the traffic, which carry it now, and why. */
import type { Evidence, UnnumberedDecision } from '../../../models/decision.ts';
import type { Family } from '../../../models/path.ts';
import type { Choice } from '../election/election.ts';
import { countFailovers, delayWords, failbackDelay } from '../election/failback-delay.ts';
import { familyName } from '../format.ts';
import type { PathState, State } from '../state/state.ts';
import { blank } from './decisions.ts';

const mostNamed = 6; // providers in one sentence

/** A change of the providers that carry a family's traffic. */
interface Switch {
  readonly family: Family;
  readonly from: readonly string[];
  readonly choice: Choice;
  readonly left: readonly PathState[]; // those that no longer carry it
}

/** The traffic of one family moves, or is shared by different providers. */
export function switchDecision(
  { at, config }: Pick<State, 'at' | 'config'>,
  { family, from, choice, left }: Switch,
): UnnumberedDecision {
  const { ids, cause } = choice;
  const name = familyName(family);
  const stays = ids.some((id) => from.includes(id));
  const isShared = stays && cause === 'stays';
  const severe =
    cause === 'failover' || cause === 'all down' || (stays && left.length > 0 && cause !== 'sticky');
  const raised = severe && config.failback !== 'never' ? raisedDelays(left, at, config) : [];
  return {
    ...blank(at),
    kind: 'switch',
    severity: severe ? 'warning' : 'notice',
    provider: choice.id,
    family,
    from: list(from, ', '),
    to: list(ids, ', '),
    sentence: stays ? shared(name, from, ids) : moved(name, list(from), list(ids)),
    reason: [isShared ? whyShared(choice, left) : `${cause}: ${choice.reason}`, ...raised].join('; '),
    numbers: { cause },
    evidence: isShared ? left.flatMap(evidenceOf) : choice.evidence,
  };
}

/** The sentence if some of the providers that carried the traffic still do. */
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

/** The failback delays of the providers left, where repeated failovers have raised them. */
function raisedDelays(left: readonly PathState[], at: State['at'], config: State['config']): string[] {
  return left.slice(0, mostNamed).flatMap(({ provider: { id }, failovers }) => {
    const times = countFailovers(failovers, at);
    const delayMs = failbackDelay(times, config);
    return delayMs > config.failbackDelayMs ? [delayWords(delayMs, times, ` of ${id}`)] : [];
  });
}

/** The figures against a provider that no longer carries traffic. */
function evidenceOf({ provider, why }: PathState): readonly Evidence[] {
  return why().evidence.map((each) => ({ ...each, provider: provider.id }));
}

/** Ids, shortened if there are many: a range may have a thousand. */
function list(ids: readonly string[], between = ' and '): string | undefined {
  if (ids.length <= mostNamed) return ids.length === 0 ? undefined : ids.join(between);
  return `${ids.slice(0, mostNamed - 1).join(', ')} and ${ids.length - mostNamed + 1} more`;
}

function moved(name: string, from: string | undefined, to: string | undefined): string {
  if (to === undefined) return `${name} no longer has a provider`;
  return from === undefined ? `${name} goes through ${to}` : `${name} moves from ${from} to ${to}`;
}
