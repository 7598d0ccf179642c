import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Binding } from '../models/path.ts';
import { run } from '../src/kernel/exec.ts';
import { type LabConfig, writeConfig } from '../src/lab/lab-config.ts';
import { must } from '../src/lab/namespace.ts';
import { refuseForeignNetwork } from '../src/lab/world.ts';

/** The targets that every provider of a crowd can reach. */
export const crowdTargets = ['1.1.1.1', '8.8.8.8', '9.9.9.9'] as const;

/**
 * Many providers, each a device of the namespace `router` with a gateway at its other end, in `far`; IPv4
 * only.
 */
export interface Crowd {
  readonly folder: string;
  /** Their configuration; `settings` are added on top. */
  config(settings?: Readonly<Record<string, unknown>>): LabConfig;
  /** Writes a configuration into the folder and returns its path. */
  writeConfig(config: LabConfig): Promise<string>;
  /** A provider dies: its packets are dropped at its gateway. Or it recovers. */
  setDead(index: number, isDead: boolean): Promise<void>;
  /** Echo requests that have left the router so far. */
  echoes(): Promise<number>;
  close(): Promise<void>;
}

/** What the IPv4 path of the nth provider is bound to; its device is numbered in order of creation. */
export function crowdBinding(index: number): Binding {
  const { network, router, far } = addresses(index);
  return {
    interfaceName: devices(index).router,
    interfaceIndex: index + 2,
    address: router,
    network,
    gateway: far,
  };
}

/** Builds it. @throws {Error} outside a fresh network namespace */
export async function createCrowd(count: number): Promise<Crowd> {
  await refuseForeignNetwork();
  const folder = await mkdtemp(join(tmpdir(), 'failover-crowd-'));
  await Promise.all(['run', 'state'].map((name) => mkdir(join(folder, name))));
  for (const namespace of ['router', 'far']) await run('ip', ['netns', 'add', namespace]);
  const all = Array.from({ length: count }, (_, index) => index);
  await setRouter();
  await batch('router', [
    'link set lo up',
    ...all.map(spellCable),
    ...all.flatMap((i) => spellEnd(i, 'router')),
  ]);
  const targets = crowdTargets.map((target) => `address add ${target}/32 dev lo`);
  await batch('far', ['link set lo up', ...targets, ...all.flatMap((i) => spellEnd(i, 'far'))]);
  await must(
    'far',
    ['nft', '-f', '-'],
    'table inet faults {\n  chain input { type filter hook input priority 0; }\n}\n',
  );
  return {
    folder,
    config: (settings = {}) => ({
      providers: all.map(describe),
      testScenarios: crowdTargets.map((ping) => ({ ping })),
      ...settings,
    }),
    writeConfig: (config) => writeConfig(join(folder, 'config.json'), config),
    async setDead(index, isDead) {
      const rule = isDead
        ? `add rule inet faults input iifname "${devices(index).far}" drop`
        : 'flush chain inet faults input';
      await must('far', ['nft', rule]);
    },
    async echoes() {
      const counters = await must('router', ['cat', '/proc/net/snmp']);
      const [names = '', values = ''] = counters.split('\n').filter((line) => line.startsWith('Icmp:'));
      return Number(values.split(' ')[names.split(' ').indexOf('OutEchos')]);
    },
    async close() {
      for (const namespace of ['router', 'far']) await run('ip', ['netns', 'delete', namespace]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function batch(namespace: string, commands: readonly string[]): Promise<void> {
  await must(namespace, ['ip', '-batch', '-'], `${commands.join('\n')}\n`);
}

async function setRouter(): Promise<void> {
  await must('router', ['tee', '/proc/sys/net/ipv4/ping_group_range'], '0 2147483647').catch(
    // in a user namespace, which has one group
    () => must('router', ['tee', '/proc/sys/net/ipv4/ping_group_range'], '0 0'),
  );
  for (const namespace of ['router', 'far']) {
    const off = ['ipv6/conf/default/disable_ipv6', 'ipv6/conf/all/disable_ipv6'];
    await must(namespace, ['tee', ...off.map((name) => `/proc/sys/net/${name}`)], '1');
  }
  await must('far', ['tee', '/proc/sys/net/ipv4/icmp_ratelimit'], '0');
}

function devices(index: number): { router: string; far: string } {
  return { router: `e${index}`, far: `f${index}` };
}

function addresses(index: number): { network: string; router: string; far: string } {
  const prefix = `10.${20 + (index >> 8)}.${index & 255}`;
  return { network: `${prefix}.0/24`, router: `${prefix}.1`, far: `${prefix}.254` };
}

function hardware(index: number, end: 'router' | 'far'): string {
  const bytes = [2, end === 'router' ? 1 : 2, 0, 0, index >> 8, index & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

function spellCable(index: number): string {
  const { router, far } = devices(index);
  return `link add ${router} address ${hardware(index, 'router')} type veth peer name ${far} address ${hardware(index, 'far')} netns far`;
}

/**
 * Neighbour entries are permanent: a thousand dynamic ones would overflow the kernel's table, which all
 * namespaces share.
 */
function spellEnd(index: number, end: 'router' | 'far'): readonly string[] {
  const other = end === 'router' ? 'far' : 'router';
  const device = devices(index)[end];
  return [
    `address add ${addresses(index)[end]}/24 dev ${device}`,
    `link set ${device} up`,
    `neighbour replace ${addresses(index)[other]} lladdr ${hardware(index, other)} dev ${device} nud permanent`,
  ];
}

function describe(index: number): Readonly<Record<string, unknown>> {
  const { network, router, far } = addresses(index);
  return {
    id: `p${index}`,
    interfaceName: devices(index).router,
    ipv4Address: router,
    network,
    gateway: far,
  };
}
