import type { TargetResult } from '../../../models/event.ts';
import { type Fault, type Layer, lowest } from '../../../models/layer.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';

/**
 * Where a path broke, from what each target of a round that failed came to. As long as nothing at all came back, no one
 * can tell a silent web server from a silent line: then it is the target's layer that broke. `undefined` when nothing ran.
 */
export function faultOf(
  targets: readonly TargetResult[],
  scenarios: readonly TestScenario[],
): Fault | undefined {
  const kinds = new Map(scenarios.map(({ name, layer }) => [name, layer ?? 'target'])); // a user's may lack it
  const asked = targets.map(({ target, result }) => ({ layer: kinds.get(target) ?? 'target', result }));
  const failed = asked.flatMap(({ layer, result }) =>
    result.ok || result.notRun ? [] : [{ layer, reason: result.reason }],
  );
  const layer = lowest(failed.map((one) => brokenLayer(one.layer, one.reason)));
  if (layer === undefined) return undefined;
  const beyond = asked.some((one) => one.result.ok && one.layer !== 'gateway');
  const answered = failed.some((one) => one.layer !== 'gateway' && !isSilence(one.reason));
  const portal = failed.map(({ reason }) => portalIn(reason)).find((page) => page !== undefined);
  const isSilent = !beyond && !answered && layer !== 'gateway';
  return {
    layer: isSilent ? 'target' : layer,
    beyond,
    answered,
    ...(portal === undefined ? {} : { portal }),
  };
}

/** The same for every scenario asked once: a layer broke of which nothing passed. */
export function brokenAt(
  targets: readonly TargetResult[],
  scenarios: readonly TestScenario[],
): Fault | undefined {
  const kinds = new Map(scenarios.map(({ name, layer }) => [name, layer]));
  const works = new Set(targets.flatMap(({ target, result }) => (result.ok ? [kinds.get(target)] : [])));
  return faultOf(
    targets.filter(({ target, result }) => result.ok || !works.has(kinds.get(target))),
    scenarios,
  );
}

/** What broke for a scenario: a name that does not resolve is DNS, whoever needed it. */
function brokenLayer(layer: Layer, reason: string): Layer {
  return / cannot be resolved: | does not exist, says /.test(reason) ? 'dns' : layer;
}

/** The words for nothing having come back: of `noAnswer`, of deadlines before the first byte, of routes that lead nowhere. */
const silence = [
  /no answer within \d+ ms/,
  /timed out after \d+ ms while (?:connecting to|waiting for \S+ to answer for)/,
  /no route to /,
  / cannot be reached through /,
  / did not answer/,
];

/** Whether a reason says that nothing at all came back. */
function isSilence(reason: string): boolean {
  return reason.split('; ').every((part) => silence.some((words) => words.test(part)));
}

/** The login page in a reason of `http`; its query may hold what is nobody's business, and changes each time. */
function portalIn(reason: string): string | undefined {
  if (!reason.endsWith('captive portal')) return undefined;
  return / to (\S+?)(?:[?#]\S*)?: captive portal$/.exec(reason)?.[1] ?? '';
}
