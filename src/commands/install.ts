import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../../models/config.ts';
import type { Links } from '../../models/link.ts';
import { messageOf } from '../../models/message-of.ts';
import { foreignTables } from '../core/routes/claims.ts';
import { competition, precedence } from '../core/routes/competition.ts';
import { run, runInTerminal } from '../kernel/exec.ts';
import { programFolder } from '../process/program.ts';
import { version } from '../process/version.ts';
import { type Output, type OutputOptions, outputOf, refuse } from '../report/output.ts';
import type { CommandShape } from '../setup/command-shape.ts';
import { type Installation, installSteps } from '../setup/install.ts';
import { below } from '../setup/manifest.ts';
import { isOpenrcRunning, openrcCommand } from '../setup/openrc.ts';
import { kernelLeftovers } from '../setup/removal/kernel-leftovers.ts';
import { isSystemdRunning, serviceState } from '../setup/service.ts';
import { pending, perform, type Step } from '../setup/step.ts';
import { activeTableName, othersTables, type Table, tableConflicts } from '../setup/tables.ts';
import { home, unitName } from '../setup/unit.ts';
import { readForeign } from '../watch/read-foreign.ts';
import { readLinks } from '../watch/read-links.ts';
import { operatorAtTerminal } from './support/ask-operator.ts';
import { BadConfig, type Chosen, chooseConfig } from './support/choose-config.ts';
import { badConfig } from './support/configuration.ts';
import { frrLeftovers } from './support/frr-leftovers.ts';
import { silentGateways } from './support/gateway-answers.ts';
import { viewKernel } from './support/kernel-view.ts';

/** Options of `failover install`. */
export interface InstallOptions extends OutputOptions {
  readonly config?: string;
  readonly prefix?: string; // a folder that takes the place of the machine's root
  readonly start?: boolean; // false: only put everything in place
  readonly dryRun?: boolean;
}

/**
 * `failover install`: puts the program, its unit and its tables on this machine, and starts it. `commands`:
 * for completions.
 */
export async function install(options: InstallOptions, commands: readonly CommandShape[]): Promise<number> {
  const output = outputOf(options);
  const prefix = options.prefix === undefined ? '' : resolve(options.prefix);
  if (process.getuid?.() !== 0 && prefix === '' && !options.dryRun)
    return refuse(output, 'this needs root: run it with sudo, or look with --dry-run');
  process.umask(0o022); // the service runs as another user, which must be able to read what is installed
  try {
    if (prefix === '') refusePrivateNode(process.execPath);
    const taken = othersTables(prefix || '/');
    const folder = below(prefix, home);
    const ask = output.json ? undefined : operatorAtTerminal();
    const links = await look();
    const inUse = foreignTables(links).map((id) => ({ id, name: `table ${id}` }));
    const choice = { given: options.config, folder, links, taken: [...taken, ...inUse], ask };
    const chosen = await besideOthers(await chooseConfig(choice), prefix);
    const plan = { ...(await planOf(options, prefix, chosen)), commands, version };
    const earlier = installedVersion(folder);
    const conflicts = tableConflicts(plan.tables, taken);
    if (conflicts.length > 0) throw new Error(conflicts.join('\nfailover: '));
    await carryOut({ output, plan, chosen, earlier, isDry: options.dryRun === true });
    return 0;
  } catch (error) {
    const message = messageOf(error);
    return refuse(output, message, error instanceof BadConfig ? badConfig : 1);
  }
}

/** With numbers that are free on this machine, and remarks on what it competes with. @throws {Error} when one is not */
async function besideOthers(chosen: Chosen, prefix: string): Promise<Chosen> {
  if (chosen.config === undefined || prefix !== '') return chosen;
  const { state, refusals } = await viewKernel(chosen.config, undefined);
  if (refusals.length > 0) throw new BadConfig(refusals.join('\nfailover: '));
  const remarks = [...chosen.remarks, ...competition(state), ...precedence(state)];
  return { ...chosen, config: state.configured, remarks };
}

/** An installation that passed its preliminary checks. */
interface Work {
  readonly output: Output;
  readonly plan: Installation;
  readonly chosen: Chosen;
  readonly earlier: string | undefined; // the version installed now
}

/** The version of the program in a folder; undefined when there is none, or half of one. */
function installedVersion(folder: string): string | undefined {
  try {
    const { version: found }: { version?: unknown } = JSON.parse(
      readFileSync(join(folder, 'package.json'), 'utf8'),
    );
    return typeof found === 'string' ? found : undefined;
  } catch {
    return undefined;
  }
}

/** What the operator should know before anything is done. */
async function remarksOn({ chosen, plan, earlier }: Work): Promise<readonly string[]> {
  const { config, remarks } = chosen;
  const upgrade =
    earlier === undefined || earlier === version ? [] : [`upgrading failover: ${earlier} → ${version}`];
  const silent = config === undefined || plan.prefix !== '' ? [] : await silentGateways(config);
  return [...upgrade, ...remarks, ...silent, ...(await lacking(config))];
}

async function carryOut(work: Work & { readonly isDry: boolean }): Promise<void> {
  const { output, plan, isDry } = work;
  const steps = await installSteps(plan);
  if (!output.json) for (const remark of await remarksOn(work)) output.print(`- ${remark}`);
  if (isDry) return preview(output, await pending(steps));
  const done = await perform(steps, (what) => (output.json ? undefined : output.print(what)));
  if (output.json) output.print(JSON.stringify({ ok: true, done }, null, 2));
  else await farewell(work, done.length === 0);
}

/** Packages that this configuration needs and this machine lacks. */
async function lacking(config: Config | undefined): Promise<readonly string[]> {
  if (config?.connectionMarks !== true) return [];
  const tools = { nft: 'nftables', conntrack: 'conntrack' } as const;
  const found = await Promise.all(
    Object.entries(tools).map(async ([program, name]) => {
      const isThere = await run(program, ['--version']).then(
        () => true,
        () => false, // not installed
      );
      return isThere ? [] : [name];
    }),
  );
  const missing = found.flat().join(' ');
  return missing === '' ? [] : [`the configuration marks connections: apt-get install ${missing}`];
}

/** The unit may not read home folders, so it would not find a Node.js there. Our own is copied. */
function refusePrivateNode(program: string): void {
  if (!isOwnNode(program) && /^\/(home|root|run\/user)\//.test(program))
    throw new Error(
      `Node.js is in ${program}, where a service has no access; add --with-node to get one for failover alone, or install one system-wide`,
    );
}

/**
 * Whether it is the one that `--with-node` downloaded, here or for the installed program: the launcher finds
 * that by itself.
 */
function isOwnNode(program: string): boolean {
  return [programFolder, home].some((folder) => program === join(folder, 'node/bin/node'));
}

async function look(): Promise<Links> {
  const [links, foreign] = await Promise.all([run('ip', ['-N', '-j', 'address', 'show']), readForeign()]);
  const rows: unknown = JSON.parse(links.stdout);
  return { links: readLinks(Array.isArray(rows) ? rows : []), ...foreign };
}

async function planOf(
  { start = true }: InstallOptions,
  prefix: string,
  { put, config }: Chosen,
): Promise<Omit<Installation, 'commands' | 'version'>> {
  const isLive = prefix === '' && isSystemdRunning();
  return {
    source: programFolder,
    prefix,
    config: put,
    tables: config === undefined ? [] : tablesOf(config),
    groups: groupsFor(config),
    node:
      prefix !== ''
        ? undefined
        : isOwnNode(process.execPath)
          ? join(home, 'node/bin/node')
          : process.execPath,
    systemd: !isLive ? 'none' : start && config !== undefined ? 'start' : 'files',
    wasActive: isLive && (await serviceState()).active === 'active',
    takeBack: async () => {
      const inFrr = config?.frr === undefined ? [] : await frrLeftovers(config.frr);
      for (const { undo } of [...inFrr, ...(await kernelLeftovers())]) await undo();
    },
  };
}

/** The routing tables to name. */
function tablesOf({ providers, layout, activeTableId }: Config): readonly Table[] {
  const own = providers.map(({ rtTableId, rtTableName }) => ({ id: rtTableId, name: rtTableName }));
  return layout === 'table' ? [...own, { id: activeTableId, name: activeTableName }] : own;
}

/** Where FRRouting is installed, vtysh's sockets belong to a group. */
function groupsFor(config: Config | undefined): readonly string[] {
  if (config?.frr === undefined) return [];
  return /^frrvty:/m.test(readFileSync('/etc/group', 'utf8')) ? ['frrvty'] : [];
}

function preview(output: Output, steps: readonly Step[]): void {
  const would = steps.map(({ what, shows }) => ({ what, shows }));
  if (output.json) output.print(JSON.stringify({ ok: true, would }, null, 2));
  else if (would.length === 0) output.print('Nothing to do.');
  else for (const { what, shows } of would) output.print([what, ...framed(shows)].join('\n'));
}

/** The content of a file, indented; nothing for one too long to read. */
function framed(content: string | undefined): readonly string[] {
  if (content === undefined || content.length > 10_000) return [];
  return content
    .trimEnd()
    .split('\n')
    .map((line) => `    | ${line}`);
}

/** The state now, and what to do next. */
async function farewell({ output, plan, chosen }: Work, nothingDone: boolean): Promise<void> {
  if (nothingDone) output.print('There was nothing to do.');
  if (plan.systemd === 'start') {
    output.print('');
    await runInTerminal(`${home}/failover`, ['status']);
  }
  output.print(`\n${nextStep(plan, chosen)}`);
}

function nextStep({ prefix, systemd }: Installation, { config }: Chosen): string {
  const command = `systemctl enable --now ${unitName}`;
  const missing =
    config === undefined ? `fill in ${home}/config.ts and verify it with "failover check"; then` : '';
  if (prefix !== '') return `Everything is under ${prefix}; nothing was started.`;
  if (systemd === 'start')
    return `Next: edit ${home}/config.ts as you like (it is reloaded automatically); "failover --help" lists the commands.`;
  if (systemd === 'files') return `Not started. Next: ${missing} ${command}`.replaceAll(/ +/g, ' ');
  const start = isOpenrcRunning() ? openrcCommand : `${home}/failover run`;
  return `systemd does not run this machine, so nothing was started. Next: ${missing} ${start}`.replaceAll(
    / +/g,
    ' ',
  );
}
