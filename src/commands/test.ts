import type { Config } from '../../models/config.ts';
import { type Layer, layers } from '../../models/layer.ts';
import { messageOf } from '../../models/message-of.ts';
import type { Binding } from '../../models/path.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { causeOf, causeOfFault } from '../core/health/cause.ts';
import { radioFault } from '../core/health/radio.ts';
import type { PathState } from '../core/state/state.ts';
import { step } from '../core/step.ts';
import { now } from '../daemon/clock.ts';
import { createDiagnosis, type Diagnosis } from '../probes/diagnosis/diagnosis.ts';
import { chooseEcho } from '../probes/echo/choose-echo.ts';
import type { Echo } from '../probes/echo/echo.ts';
import { brokenAt } from '../probes/rounds/fault.ts';
import { createRunner, type Runner } from '../probes/runner.ts';
import { type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { type Tested, testPage } from '../report/test-page.ts';
import { askModems } from '../watch/modems/ask-modems.ts';
import { badConfig, configuration } from './support/configuration.ts';
import { viewKernel } from './support/kernel-view.ts';

/** Options of `failover test`. */
export interface TestOptions extends OutputOptions {
  readonly config?: string;
}

/**
 * `failover test [ID]`: runs every scenario once through each provider. Returns 0 when each provider passes
 * at least one, else 1.
 */
export async function test(id: string | undefined, options: TestOptions): Promise<number> {
  const output = outputOf(options);
  const usable = await configuration(options.config);
  if (!usable.ok) return refuse(output, usable.complaint, badConfig);
  try {
    const { state } = await viewKernel(usable.config, usable.daemon);
    step(state, { type: 'modems', at: now(), modems: await askModems().catch(() => []) });
    const { config } = state;
    const ids = config.providers.map((provider) => provider.id);
    if (id !== undefined && !ids.includes(id)) {
      return refuse(output, `there is no provider "${id}"; there are ${ids.join(', ')}`);
    }
    const echo = chooseEcho();
    const chosen = [...state.paths.values()].filter(
      (path) => path.provider.enabled && path.expected && (id === undefined || path.provider.id === id),
    );
    const tested = await runPaths(chosen, config, echo);
    const probing = { means: echo.means, reason: echo.reason };
    output.print(
      output.json
        ? JSON.stringify({ probing, paths: tested }, null, 2)
        : testPage(tested, probing, output.look).join('\n'),
    );
    return tested.every(({ targets }) => targets.some(({ result }) => result.ok)) ? 0 : 1;
  } catch (error) {
    return refuse(output, `the checks cannot be run: ${messageOf(error)}`);
  }
}

/** What probes the paths. */
interface Means {
  readonly runner: Runner;
  readonly diagnosis: Diagnosis;
}

/** Runs every scenario of the paths once. Leaves nothing open, even if it throws. */
export async function runPaths(
  paths: readonly PathState[],
  config: Config,
  echo: Echo,
): Promise<readonly Tested[]> {
  const means: Means = {
    runner: createRunner({ config, echo, emit: () => undefined, now, random: Math.random }),
    diagnosis: createDiagnosis({ config, echo, emit: () => undefined, now }),
  };
  try {
    return await allOf(paths.map((path) => runPath(path, config, means)));
  } finally {
    means.runner.close();
    means.diagnosis.close();
  }
}

async function runPath(path: PathState, config: Config, means: Means): Promise<Tested> {
  const { key, binding, obstacle, provider, family, findings } = path;
  const { interfaceName } = provider;
  const modem = findings.modem && { modem: findings.modem };
  if (binding === undefined || obstacle !== undefined) {
    const { layer, words } = causeOf(path) ?? {};
    const reason = obstacle ?? 'it is not bound';
    return {
      path: key,
      interfaceName,
      binding,
      layer,
      cause: words,
      obstacle: reason,
      targets: [],
      ...modem,
    };
  }
  const scenarios = (provider.testScenarios ?? config.testScenarios).filter((scenario) =>
    scenario.families.includes(family),
  );
  const found = await probe(path, binding, means);
  const tested = {
    path: key,
    interfaceName,
    binding,
    obstacle: undefined,
    ...modem,
    ...judged(found, scenarios),
  };
  const radio = findings.modem && radioFault(findings.modem);
  const isDead = radio !== undefined && found.targets.every(({ result }) => !result.ok);
  return isDead ? { ...tested, layer: 'radio', cause: radio } : tested;
}

type Found = Pick<Tested, 'gateway' | 'mtu'> & { readonly targets: Awaited<ReturnType<Runner['runOnce']>> };

async function probe({ key }: PathState, binding: Binding, { runner, diagnosis }: Means): Promise<Found> {
  const [targets, layers] = await allOf([runner.runOnce(key, binding), diagnosis.once(key, binding)]);
  return { targets, ...layers };
}

/** Waits for all of them, even when one fails: each closes what it opened when it ends. @throws the first failure */
async function allOf<T extends readonly unknown[]>(
  running: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(running);
  return (await Promise.all(running)) as unknown as T; // TypeScript does not see that it is the same list
}

/** Each result with its layer, from the bottom up, and the first layer that broke. */
function judged(
  found: Found,
  scenarios: readonly TestScenario[],
): Omit<Tested, 'path' | 'interfaceName' | 'binding' | 'obstacle'> {
  // a custom scenario may have none
  const kinds = new Map(scenarios.map(({ name, layer }) => [name, layer ?? 'target']));
  const targets = found.targets.map((one) => ({ ...one, layer: kinds.get(one.target) ?? 'target' }));
  const fault = brokenAt(found.targets, scenarios);
  const cause = fault && causeOfFault(fault, found.gateway);
  return { ...found, targets: targets.sort(byLayer), layer: cause?.layer, cause: cause?.words };
}

function byLayer(a: { readonly layer: Layer }, b: { readonly layer: Layer }): number {
  return layers.indexOf(a.layer) - layers.indexOf(b.layer);
}
