import type { TargetResult } from '../../models/event.ts';
import type { PathKey } from '../../models/path.ts';
import { now } from '../clock.ts';
import type { PathState } from '../core/state.ts';
import { chooseEcho } from '../probes/choose-echo.ts';
import { createRunner } from '../probes/runner.ts';
import { type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { badConfig, configuration } from './configuration.ts';
import { viewKernel } from './kernel-view.ts';

/** What `failover test` was asked for. */
export interface TestOptions extends OutputOptions {
  readonly config?: string;
}

/** One provider in one family, with what each scenario found, or why none could run. */
interface Tested {
  readonly path: PathKey;
  readonly obstacle: string | undefined;
  readonly targets: readonly TargetResult[];
}

/** `failover test [ID]`: every scenario once, through each provider. 0: something passes through each; 1: not so. */
export async function test(id: string | undefined, options: TestOptions): Promise<number> {
  const output = outputOf(options);
  const usable = await configuration(options.config);
  if (!usable.ok) return refuse(output, usable.complaint, badConfig);
  const { config } = usable;
  const ids = config.providers.map((provider) => provider.id);
  if (id !== undefined && !ids.includes(id)) {
    return refuse(output, `there is no provider '${id}'; there are ${ids.join(', ')}`);
  }
  try {
    const { state } = await viewKernel(config, usable.daemon);
    const echo = chooseEcho();
    const runner = createRunner({ config, echo, emit: () => undefined, now, random: Math.random });
    const asked = [...state.paths.values()].filter(
      (path) => path.provider.enabled && path.expected && (id === undefined || path.provider.id === id),
    );
    const tested = await Promise.all(
      asked.map((path) => runPath(path, (binding) => runner.runOnce(path.key, binding))),
    );
    runner.close();
    const probing = { means: echo.means, reason: echo.reason };
    output.print(
      output.json ? JSON.stringify({ probing, paths: tested }, null, 2) : page(tested, probing).join('\n'),
    );
    return tested.every(({ targets }) => targets.some(({ result }) => result.ok)) ? 0 : 1;
  } catch (error) {
    return refuse(
      output,
      `the checks cannot be run: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function runPath(
  path: PathState,
  run: (binding: NonNullable<PathState['binding']>) => Promise<TargetResult[]>,
): Promise<Tested> {
  const { key, binding, obstacle } = path;
  if (binding === undefined || obstacle !== undefined)
    return { path: key, obstacle: obstacle ?? 'it is not bound', targets: [] };
  return { path: key, obstacle: undefined, targets: await run(binding) };
}

function page(
  tested: readonly Tested[],
  { means, reason }: { means: string; reason: string | undefined },
): string[] {
  const lines = tested.flatMap(({ path, obstacle, targets }) => [
    path,
    ...(obstacle === undefined ? [] : [`  cannot be checked: ${obstacle}`]),
    ...targets.map(({ target, result }) =>
      result.ok
        ? `  passed  ${target}  ${result.rttMs.toFixed(1)} ms`
        : `  ${result.notRun ? 'not run' : 'failed '}  ${target}  ${result.reason}`,
    ),
  ]);
  return [...lines, `probing by ${means}${reason === undefined ? '' : `: ${reason}`}`];
}
