import type { TargetResult } from '../../../models/event.ts';
import { type Fault, type Layer, lowest } from '../../../models/layer.ts';
import { type Failure, hasAnswered, isNotRun } from '../../../models/test-result.ts';
import type { TestScenario } from '../../../models/test-scenario.ts';

/**
 * Where a path broke, from the results of each target in a failed round. If nothing at all came back, a silent web
 * server looks the same as a silent line: then it is the target layer that broke. `undefined` when nothing ran.
 */
export function faultOf(
  targets: readonly TargetResult[],
  scenarios: readonly TestScenario[],
): Fault | undefined {
  const kinds = new Map(scenarios.map(({ name, layer }) => [name, layer ?? 'target'])); // an operator's own may lack it
  const probed = targets.map(({ target, result }) => ({ layer: kinds.get(target) ?? 'target', result }));
  const failed = probed.flatMap(({ layer, result }) =>
    result.ok || isNotRun(result) ? [] : [{ layer, failure: result }],
  );
  const layer = lowest(failed.map((one) => brokenLayer(one.layer, one.failure)));
  if (layer === undefined) return undefined;
  const beyond = probed.some((one) => one.result.ok && one.layer !== 'gateway');
  const answered = failed.some((one) => one.layer !== 'gateway' && hasAnswered(one.failure));
  const unfinished = failed.every((one) => one.failure.code === 'unfinished');
  const portal = failed.map(({ failure }) => portalIn(failure)).find((page) => page !== undefined);
  const isSilent = !beyond && !answered && layer !== 'gateway';
  return {
    layer: isSilent ? 'target' : layer,
    beyond,
    answered,
    ...(unfinished ? { unfinished } : {}),
    ...(portal === undefined ? {} : { portal }),
  };
}

/** The same for every scenario run once: a layer is broken if nothing of it passed. */
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

/** The layer that broke for a scenario: a name that does not resolve is DNS, whatever needed it. */
function brokenLayer(layer: Layer, failure: Failure): Layer {
  return failure.code === 'dns' ? 'dns' : layer;
}

/** The login page that answered: `''` if its address is not known. */
function portalIn(failure: Failure): string | undefined {
  return failure.code === 'portal' ? (failure.location ?? '') : undefined;
}
