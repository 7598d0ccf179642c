/** A first configuration, from the state of the machine: every line with a comment on where it comes from. */
import { type DefaultRoute, isInternal, type Link, type Links } from '../../models/link.ts';
import { publicResolvers } from '../../models/public-resolvers.ts';
import { mainTable } from '../../models/route.ts';
import { settings } from '../../models/settings.ts';
import type { Table } from './tables.ts';

/** A proposed `config.ts`. */
export interface Proposal {
  readonly text: string;
  readonly remarks: readonly string[]; // sentences for the operator
  readonly usable: boolean; // false: the operator must complete it first
  readonly doubts: readonly Doubt[]; // to be put to the operator, at a terminal
}

/** A device that may lead to the internet; only the operator knows. */
export interface Doubt {
  readonly interfaceName: string;
  readonly question: string; // the answer is a gateway, or empty
}

/** Where our default routes go, when it is not the usual place, and why. */
interface Layout {
  readonly lines: string;
  readonly remarks: readonly string[];
}

/** A device that leads somewhere, and the default routes through it. */
interface Uplink {
  readonly link: Link;
  readonly defaults: readonly DefaultRoute[];
  readonly enteredGateway?: string; // by the operator
}

const startMetric = settings.startMetric.default;
const activeTable = settings.activeTableId.default;
const firstTable = 101;

/**
 * Devices with a default route become providers, those with the lowest metric first, as the kernel prefers
 * them now. Devices that only have an address follow when their gateway is known, else they are listed as
 * comments. `taken`: tables that others name. `gatewaysByDevice`: the operator's answers to `doubts`.
 */
export function propose(
  { links, defaults }: Links,
  taken: readonly Table[],
  gatewaysByDevice: ReadonlyMap<string, string> = new Map(),
): Proposal {
  const real = links.filter((link) => !isInternal(link));
  const found = real
    .map((link) => ({ link, defaults: defaultsOf(link, defaults) }))
    .filter((uplink) => uplink.defaults.length > 0)
    .sort((a, b) => lowestMetric(a.defaults) - lowestMetric(b.defaults));
  const rest = real.filter(
    (link) => !found.some((uplink) => uplink.link === link) && globalAddresses(link).length > 0,
  );
  const uplinks: readonly Uplink[] = [
    ...found,
    ...rest.flatMap((link) => uplinkByOperator(link, gatewaysByDevice)),
  ];
  const others = rest.filter(({ name }) => !gatewaysByDevice.has(name));
  const ids = freeTables(uplinks.length, taken);
  const layout = layoutFor(uplinks, freeTables(uplinks.length + 1, taken).at(-1), taken);
  return {
    text: spell({
      layout: layout.lines,
      providers: uplinks.map((uplink, i) => provider(uplink, ids[i] ?? firstTable + i)),
      others: others.map(suggestion),
    }),
    remarks: [...remarksOn(uplinks, others), ...layout.remarks],
    usable: uplinks.length > 0,
    doubts: uplinks.length < 2 ? others.map(doubt) : [],
  };
}

function uplinkByOperator(link: Link, gatewaysByDevice: ReadonlyMap<string, string>): readonly Uplink[] {
  const gateway = gatewaysByDevice.get(link.name);
  return gateway === undefined ? [] : [{ link, defaults: [], enteredGateway: gateway }];
}

function doubt(link: Link): Doubt {
  const question = `${without(link)}. If it leads to the internet, what is its gateway? (leave empty if it does not) `;
  return { interfaceName: link.name, question };
}

function without(link: Link): string {
  return `${link.name} has ${globalAddresses(link).join(', ')} but no default route`;
}

function defaultsOf({ name }: Link, defaults: readonly DefaultRoute[]): readonly DefaultRoute[] {
  return defaults.filter(({ interfaceName, table }) => interfaceName === name && table === mainTable);
}

/** IPv4's, where there is one: the kernel gives every IPv6 route a metric of 1024. */
function lowestMetric(defaults: readonly DefaultRoute[]): number {
  const four = defaults.filter(({ family }) => family === 4);
  return Math.min(...(four.length > 0 ? four : defaults).map(({ metric }) => metric));
}

function globalAddresses({ addresses }: Link): readonly string[] {
  return addresses
    .filter(({ scope, usable, temporary }) => scope === 'global' && usable && temporary !== true)
    .map(({ address, prefixLength }) => `${address}/${prefixLength}`);
}

function freeTables(count: number, taken: readonly Table[]): readonly number[] {
  const used = new Set(taken.map(({ id }) => id));
  const free = Array.from({ length: 150 }, (_, i) => firstTable + i).filter((id) => !used.has(id));
  return free.slice(0, count);
}

function provider({ link, defaults, enteredGateway }: Uplink, table: number): string {
  const id = link.name.replaceAll(/[^A-Za-z0-9._-]/g, '-');
  const gateways = defaults.map(({ family, gateway, protocol }) =>
    [`IPv${family}`, gateway ? `by ${gateway}` : 'directly', ...(protocol ? [`(${protocol})`] : [])].join(
      ' ',
    ),
  );
  const about = [
    ...globalAddresses(link),
    ...(enteredGateway === undefined ? gateways : ['gateway as you entered it']),
    ...(isMobile(link) ? ['often metered'] : []),
  ];
  const gateway = enteredGateway === undefined ? '' : `gateway: '${enteredGateway}', `;
  const fields = `id: '${id}', interfaceName: '${link.name}', ${gateway}rtTableId: ${table}, rtTableName: 'wan-${id}'`;
  return `    // ${about.join(', ')}\n    { ${fields} },`;
}

function isMobile({ name }: Link): boolean {
  return /^(ww|ppp|usb|rmnet)/.test(name);
}

function suggestion(link: Link): string {
  return `    // ${without(link)}. If it leads to the internet, name its gateway:\n    // { id: '${link.name}', interfaceName: '${link.name}', gateway: '…' },`;
}

/**
 * Others' default route at `startMetric` or below would take precedence over our routes in `main`, and it
 * stays: ours then go into their own table, which is looked up first. Judged by IPv4: the kernel gives every
 * IPv6 route metric 1024.
 */
function layoutFor(uplinks: readonly Uplink[], free: number | undefined, taken: readonly Table[]): Layout {
  const four = uplinks.flatMap(({ defaults }) => defaults.filter(({ family }) => family === 4));
  const before = four.filter(({ metric }) => metric <= startMetric);
  if (before.length === 0) return { lines: '', remarks: [] };
  const [first] = [...before].sort((a, b) => a.metric - b.metric);
  const conflict = `the default route through ${first?.interfaceName}${first?.protocol ? ` (${first.protocol})` : ''} has metric ${first?.metric}`;
  const isTaken = taken.some(({ id }) => id === activeTable);
  return {
    lines: `
  // ${conflict.charAt(0).toUpperCase()}${conflict.slice(1)} and stays: it would take precedence over routes
  // in the main table at startMetric, ${startMetric}. In their own table ours are looked up first.
  layout: 'table',
${isTaken ? `  activeTableId: ${free}, // ${activeTable} is used by someone else\n` : ''}`,
    remarks: [
      `${conflict}, so failover's routes go into their own table, which is looked up first (layout: 'table')`,
    ],
  };
}

function remarksOn(uplinks: readonly Uplink[], others: readonly Link[]): readonly string[] {
  const names = uplinks.map(({ link }) => link.name).join(', ');
  const hint =
    others.length === 0
      ? 'add the others to its config.ts when they are connected'
      : `${others.map(({ name }) => name).join(', ')} may be others: see its config.ts`;
  if (uplinks.length === 0)
    return [`no device has a default route, so no provider is known: fill in config.ts`];
  if (uplinks.length === 1)
    return [`only one provider was found, ${names}: there is no other to fail over to yet; ${hint}`];
  return [`providers found, the preferred one first: ${names}`];
}

function spell({
  layout,
  providers,
  others,
}: {
  layout: string;
  providers: readonly string[];
  others: readonly string[];
}): string {
  return `// The configuration of failover, written by install from what this machine had; yours to edit.
// After a change, \`failover check\` lists mistakes; the daemon reloads by itself. Every setting: docs/configuration.md
import { defineConfig, ping } from './models/config.ts';

export default defineConfig({
  // How fast to react: 'calm', 'normal' (a check every second, failover after 1 s without answers) or 'fast'.
  reaction: 'normal',
${layout}
  // Preferred provider first. Addresses and gateways are always read from the kernel.
  providers: [
${[...providers, ...others].join('\n')}
  ],

  // What a check sends through each provider; one answer is enough.
  testScenarios: [
${publicResolvers.map((address) => `    ping('${address}'),`).join('\n')}
  ],
});
`;
}
