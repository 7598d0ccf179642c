/**
 * One event in, the state advanced; out come the decisions and what must be updated to match. Deterministic:
 * no clock, randomness, process, file or socket; the same events give the same states.
 */
import type { UnnumberedDecision } from '../../models/decision.ts';
import type { CheckEvent, DiagnosisEvent, Event, LateEvent } from '../../models/event.ts';
import type { Links } from '../../models/link.ts';
import { isNotRun } from '../../models/test-result.ts';
import { recordProbe } from './binding/gateway-discovery.ts';
import { matchingProviders, providerChanges } from './binding/pattern-providers.ts';
import { bindAll } from './binding/rebind.ts';
import { withReportedGateways } from './binding/reported.ts';
import { noEffects, none, nothing, type Step } from './effects.ts';
import { allEffects, type Before, effectsAfter, imageOf } from './effects-after.ts';
import { electAll, electFamily } from './elect-family.ts';
import { doubtMatters } from './election/doubt.ts';
import { causeOf, noteDiagnosis } from './health/cause.ts';
import { calm, neverAnsweredReason, noteCheck, noteLate, watchClosely } from './health/liveness.ts';
import { advanceLoads, noteLoad } from './health/load.ts';
import { notePackets } from './health/loss.ts';
import { notePolicing } from './health/policing.ts';
import { noteModems } from './health/radio.ts';
import { noteTargets, recoveredWithinRound, suspectTarget, type TargetChange } from './health/targets.ts';
import { noteTraffic } from './health/traffic.ts';
import { causeNews, judgeAll, judgePath } from './judge-path.ts';
import { reconfigure } from './reconfigure.ts';
import {
  configDecision,
  ignoredPin,
  kernelDecision,
  memberDecision,
  stickyDecision,
  targetDecision,
} from './report/decisions.ts';
import {
  gatewayDecision,
  mtuDecision,
  obstacleDecision,
  otherLineDecision,
  policingDecision,
} from './report/path-decisions.ts';
import { noteComplaints } from './state/complaints.ts';
import { discoversGateway } from './state/gateway-search.ts';
import { spend } from './state/spending.ts';
import { startOver } from './state/start-over.ts';
import type { PathState, State } from './state/state.ts';
import { dropOverdueLeases, takeLease } from './take-lease.ts';
import { takeModems } from './take-modems.ts';

/** Advances a state by one event. */
export function step(state: State, event: Event): Step {
  state.at = Math.max(state.at, event.at);
  const outcome = advance(state, event);
  if (isSilent(outcome)) return outcome;
  return { ...outcome, decisions: outcome.decisions.map((decision) => state.ids.assign(decision)) };
}

/** The result of a step before its decisions have ids. */
type Outcome = Pick<Step, 'effects'> & { readonly decisions: readonly UnnumberedDecision[] };

function isSilent(outcome: Outcome): outcome is Step {
  return outcome.decisions.length === 0;
}

function advance(state: State, event: Event): Outcome {
  switch (event.type) {
    case 'check':
    case 'late':
    case 'diagnosis': {
      const path = state.paths.get(event.path);
      if (path === undefined || !path.expected) return nothing;
      return event.type === 'diagnosis' ? diagnosed(state, path, event) : checked(state, path, event);
    }
    case 'traffic':
      return { decisions: none, effects: { ...noEffects, checks: noteTraffic(state, event) } };
    case 'load':
      noteLoad(state, event);
      return nothing;
    case 'modems':
      return takeModems(state, event.modems);
    case 'links':
      return everything(state, () => linked(state, event.links));
    case 'lease': {
      const decisions = takeLease(state, event);
      return decisions === undefined ? nothing : everything(state, () => reboundAfter(state, decisions));
    }
    case 'config':
      return everything(state, () => {
        state.configured = event.config;
        reconfigure(state, matchingProviders(state));
        const decision = configDecision(state.at, 'configuration reloaded');
        return [decision, ...rebind(state), ...judgeAll(state), ...electAll(state, 'operator')];
      });
    case 'sticky':
      return event.problem === undefined ? ordered(state, event.sticky) : ignored(state, event.problem);
    case 'kernel':
      return { decisions: [kernelDecision(state.at, event.note)], effects: noEffects };
    case 'tick':
      return passed(state);
    default:
      return event satisfies never;
  }
}

function everything(state: State, change: () => readonly UnnumberedDecision[]): Outcome {
  const before = imageOf(state);
  const decisions = change();
  return { decisions, effects: allEffects(state, before) };
}

/** Devices that are gone fail first, as the reason for a switch; then their providers are removed. */
function linked(state: State, links: Links): readonly UnnumberedDecision[] {
  state.links = links;
  const config = matchingProviders(state);
  const changes = providerChanges(state, config);
  const failed = changes.some(({ added }) => !added) ? [...rebind(state), ...electAll(state)] : none;
  if (changes.length > 0) reconfigure(state, config);
  state.recalled.clear();
  const members = changes.map((each) => memberDecision(state.at, each));
  return [...failed, ...members, ...rebind(state), ...electAll(state)];
}

function reboundAfter(state: State, decisions: readonly UnnumberedDecision[]): readonly UnnumberedDecision[] {
  return [...decisions, ...rebind(state), ...electAll(state)];
}

/** Only time has passed: a pin, a lease or a hold-down may be over, a failback due. */
function passed(state: State): Outcome {
  advanceLoads(state);
  const over = dropOverdueLeases(state);
  if (over.length > 0)
    return everything(state, () => [...reboundAfter(state, over), ...passed(state).decisions]);
  const before = imageOf(state);
  const isOver = state.sticky?.until !== undefined && state.sticky.until <= state.at;
  const decisions = [...(isOver ? pinned(state, undefined) : none), ...judgeAll(state), ...electAll(state)];
  return { decisions, effects: effectsAfter(state, before, decisions, 'none') };
}

function checked(state: State, path: PathState, event: CheckEvent | LateEvent): Outcome {
  const { liveness } = path;
  const { active, newTraffic, allDown, suspectedAt, links } = state;
  const targets = event.type === 'check' ? takeCheck(state, path, event) : none;
  const policed = event.type === 'check' ? advancePolicing(state, path, event) : none;
  if (event.type === 'late') noteLate(path, event, state.config);
  const cause = causeOf(path);
  const judged = judgePath(state, path, cause);
  const found = event.type === 'check' ? advanceDiscovery(state, path, event) : undefined;
  const causes = causeNews(state, path, found === undefined ? cause : causeOf(path));
  // Unless the path changed, the election cannot change, and a thousand other paths need not be examined.
  const isSame = path.liveness === liveness && neverAnsweredReason(path, state.at) === undefined;
  const isNoNews = targets.length === 0 && judged.length === 0 && policed.length === 0 && found === undefined;
  if (isSame && isNoNews) return uneventful(path, causes);
  const decisions = [
    ...targets.flatMap((change) => targetDecision(state.at, change) ?? []),
    ...policed,
    ...judged,
    ...(found ?? none),
    ...causes,
    ...(isNoNews && !doubtMatters(state, path) ? none : electFamily(state, path.family)),
  ];
  const before = { active, newTraffic, allDown, suspectedAt, links, liveness };
  return eventful(state, path, { before, decisions, isRebound: found !== undefined });
}

/** The outcome of a result that changed something. */
function eventful(state: State, path: PathState, { before, decisions, isRebound }: Eventful): Outcome {
  const effects = effectsAfter(state, before, decisions, path.uneventful.effects.checks);
  if (isRebound) return { decisions, effects: { ...effects, routes: 'now' } };
  // Also without a verdict: routes through dead lines come last, and the kernel must not turn to one by itself.
  const isReordered =
    (before.liveness === 'down') !== (path.liveness === 'down') && effects.routes === 'none';
  return { decisions, effects: isReordered ? { ...effects, routes: 'soon' } : effects };
}

interface Eventful {
  readonly before: Before & Pick<PathState, 'liveness'>;
  readonly decisions: readonly UnnumberedDecision[];
  readonly isRebound: boolean; // to another gateway
}

/** The outcome of nearly every result: no decision, or one that only informs the operator. */
function uneventful({ uneventful: step }: PathState, decisions: readonly UnnumberedDecision[]): Outcome {
  return decisions.length === 0 ? step : { decisions, effects: step.effects };
}

/** Records a check. Returns the targets that it showed to be dead, or alive again. */
function takeCheck(state: State, path: PathState, event: CheckEvent): readonly TargetChange[] {
  const before = path.liveness;
  noteCheck(path, event, state.config);
  if (event.unanswered !== undefined) calm(path, event.at, state.config);
  notePackets(path, event, state.config);
  path.findings.fault = event.fault;
  noteComplaints(path, event);
  const targets = noteTargets(state, path, event);
  if (recoveredWithinRound(state, path, event)) watchClosely(path, state.config, event.at);
  if (before === 'up' && path.liveness === 'doubt') suspectTarget(state, path, event);
  return targets;
}

/** Has a path judged again when its losses turn out to be an ISP's limit for echoes. */
function advancePolicing(state: State, path: PathState, event: CheckEvent): readonly UnnumberedDecision[] {
  if (!notePolicing(path, event)) return none;
  const { judged, lastStart, lastEnd, pacing } = path;
  const { answeredPerSecond } = pacing;
  startOver(path, state.config);
  Object.assign(path, { judged, lastStart, lastEnd, failovers: [] });
  path.liveness = 'up'; // something is answered all the time
  path.pacing.answeredPerSecond = answeredPerSecond;
  return [policingDecision(state.at, path)];
}

/** Advances the search for a gateway; `undefined` while the path's binding stays as it is. */
function advanceDiscovery(
  state: State,
  path: PathState,
  { result }: CheckEvent,
): readonly UnnumberedDecision[] | undefined {
  if (state.links === undefined || isNotRun(result)) return undefined;
  if (!discoversGateway(path.provider, path.family)) return undefined;
  const news = recordProbe(path, result.ok, withReportedGateways(state.links, state.leases), state.paths);
  if (news === undefined) return undefined;
  const decisions = rebind(state);
  return news === 'next' ? decisions : [gatewayDecision(state.at, path)]; // same binding, now for good
}

/** A diagnosis moves no traffic; it may explain why a path is down. */
function diagnosed(state: State, path: PathState, event: DiagnosisEvent): Outcome {
  const isNews = noteDiagnosis(path.findings, event);
  if (event.bytes !== undefined) spend(path, event.at, { bytes: event.bytes, checks: 0 });
  const news = isNews && path.findings.mtu ? [mtuDecision(state.at, path, path.findings.mtu)] : none;
  const cause = causeOf(path);
  const judged = judgePath(state, path, cause);
  return uneventful(path, [...news, ...judged, ...causeNews(state, path, cause)]);
}

function rebind(state: State): UnnumberedDecision[] {
  if (state.links === undefined) return [];
  if (state.modems.length > 0) noteModems(state); // paths may be new
  return bindAll(state, state.links).flatMap(({ path, hasOtherObstacle, judgedFor }) => {
    const judged = judgePath(state, path, causeOf(path));
    if (judgedFor !== undefined) return [otherLineDecision(state.at, path, judgedFor), ...judged];
    return judged.length > 0 || !hasOtherObstacle ? judged : [obstacleDecision(state.at, path)];
  });
}

/** An id that no provider has changes nothing, neither the pin in force nor the choice. */
function ordered(state: State, sticky: State['sticky']): Outcome {
  if (sticky !== undefined && !state.config.providers.some(({ id }) => id === sticky.id))
    return ignored(state, `no provider has the id "${sticky.id}"`);
  state.ignoredPin = undefined;
  const isOver = sticky?.until !== undefined && sticky.until <= state.at;
  const outcome = everything(state, () => pinned(state, isOver ? undefined : sticky));
  return isSilent(outcome) ? nothing : outcome;
}

function pinned(state: State, sticky: State['sticky']): UnnumberedDecision[] {
  const before = state.sticky;
  state.sticky = sticky;
  if (before?.id === sticky?.id && before?.until === sticky?.until) return [];
  return [stickyDecision(state.at, before, sticky), ...electAll(state, 'operator')];
}

/** It is read again with each reload: what has been said is not repeated. */
function ignored(state: State, problem: string): Outcome {
  if (state.ignoredPin === problem) return nothing;
  state.ignoredPin = problem;
  return { decisions: [ignoredPin(state.at, problem)], effects: noEffects };
}
