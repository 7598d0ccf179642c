import { messageOf } from '../../models/message-of.ts';
import { markTable, spellLoading } from '../core/connections/mark-table.ts';
import { precedence } from '../core/routes/competition.ts';
import { desired } from '../core/routes/desired.ts';
import { diff } from '../core/routes/diff.ts';
import { drift } from '../core/routes/drift.ts';
import { divide } from '../core/routes/frr.ts';
import { spellCommand } from '../core/routes/spell.ts';
import type { State } from '../core/state/state.ts';
import { hasTable } from '../kernel/nft-table.ts';
import { neededSysctls, spellSysctl, sysctlsToChange } from '../kernel/sysctl.ts';
import { type OutputOptions, outputOf, refuse } from '../report/output.ts';
import { badConfig, configuration } from './support/configuration.ts';
import { viewKernel } from './support/kernel-view.ts';
import { type FrrPlan, planFrr } from './support/plan-frr.ts';

const noFrr: FrrPlan = { commands: [], obstacles: [] };

/** Options of `failover plan`. */
export interface PlanOptions extends OutputOptions {
  readonly config?: string;
  readonly all?: boolean; // also what is already there
}

/**
 * `failover plan`: the exact commands that would give this machine its desired state now. Changes nothing,
 * needs no privileges.
 */
export async function plan(options: PlanOptions): Promise<number> {
  const output = outputOf(options);
  const usable = await configuration(options.config);
  if (!usable.ok) return refuse(output, usable.complaint, badConfig);
  try {
    const { own, links, state, refusals } = await viewKernel(usable.config, usable.daemon);
    const routes = desired(state) ?? own;
    const { frr } = usable.config;
    const { kernel, statics } = frr === undefined ? { kernel: routes, statics: [] } : divide(routes);
    const commands = diff(kernel, options.all ? { routes: [], rules: [] } : own).map(spellCommand);
    const inFrr = frr === undefined ? noFrr : await planFrr(statics, frr, options.all === true);
    const names = new Set(state.config.providers.map(({ interfaceName }) => interfaceName));
    const present = links.links.map(({ name }) => name).filter((name) => names.has(name));
    const needed = neededSysctls(state.config, present);
    const settings = Object.keys(sysctlsToChange(needed)).map((name) =>
      spellSysctl(name, needed[name] ?? ''),
    );
    const obstacles = [...state.paths.values()].flatMap((path) =>
      path.expected && path.obstacle !== undefined ? [`${path.key}: ${path.obstacle}`] : [],
    );
    // the daemon maintains its table itself
    const isKept = usable.daemon !== undefined && options.all !== true;
    const result: Planned = {
      commands: [...settings, ...commands, ...inFrr.commands, ...(await planMarks(state, isKept))],
      obstacles: [...refusals, ...obstacles, ...inFrr.obstacles],
      drift: drift(state),
      beforeOurs: precedence(state),
    };
    output.print(output.json ? JSON.stringify(result, null, 2) : page(result).join('\n'));
    return 0;
  } catch (error) {
    return refuse(output, `the kernel cannot be read: ${messageOf(error)}`);
  }
}

/** The nftables table as one command, unless it is there and a daemon maintains it. */
async function planMarks(state: State, isKept: boolean): Promise<readonly string[]> {
  const table = markTable(state);
  if (table === undefined || (isKept && (await hasTable()) !== false)) return [];
  return [`nft -f - <<'END'\n${spellLoading(table, { sets: [], chains: [] })}END`];
}

interface Planned {
  readonly commands: readonly string[];
  readonly obstacles: readonly string[];
  readonly drift: readonly string[];
  readonly beforeOurs: readonly string[]; // what others route before us, by design
}

function page({ commands, obstacles, drift, beforeOurs }: Planned): string[] {
  return [
    ...(commands.length === 0 ? ['# nothing to do: routes and rules are as they should be'] : commands),
    ...[...obstacles, ...drift, ...beforeOurs].map((text) => `# ${text}`),
  ];
}
