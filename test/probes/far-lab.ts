/** Two providers with the same local address and the same gateway, and servers of every kind behind each. */
import type { ChildProcess } from 'node:child_process';
import type { Binding, Family } from '../../models/path.ts';
import type { TestResult } from '../../models/test-result.ts';
import type { TestScenario } from '../../models/test-scenario.ts';
import { run, start } from '../../src/kernel/exec.ts';
import { Deadlines } from '../../src/probes/deadlines.ts';
import { createSocketEcho } from '../../src/probes/echo/socket-echo.ts';
import { runScenario } from '../../src/probes/rounds/run-scenario.ts';
import { createRunner } from '../../src/probes/runner.ts';
import { NameCache } from '../../src/reach/dns/name-cache.ts';
import { ip, linkIndex } from '../support/ip.ts';
import { until } from '../support/until.ts';
import { configured, planned, provider } from './virtual-lab.ts';

/** The far sides: `far1` behind eth1, `far2` behind eth2. */
export const devices = ['eth1', 'eth2'] as const;

/** Where a check goes through, and what it may use. */
export interface Through {
  readonly family?: Family;
  readonly device?: (typeof devices)[number];
  readonly timeoutMs?: number;
  readonly nameservers?: readonly string[];
  readonly names?: NameCache;
  readonly change?: Partial<Binding>;
  readonly spend?: (bytes: number) => void;
}

/** What `farLab` gives. */
export type FarLab = Awaited<ReturnType<typeof farLab>>;

/** Builds both sides. `check` runs a scenario once; its default deadline is met even by a busy machine. */
export async function farLab() {
  const servers: ChildProcess[] = [];
  const deadlines = new Deadlines(() => performance.now());
  const echo = createSocketEcho();
  for (const [i, device] of devices.entries()) {
    await link(device, `far${i + 1}`);
    servers.push(await serve(`far${i + 1}`));
  }

  async function check(scenario: TestScenario, through: Through = {}): Promise<TestResult> {
    const { family = 4, device = 'eth1', timeoutMs = 5000, nameservers = gateways, names } = through;
    const binding = { ...(await bindingOf(device, family)), ...through.change };
    const bound = echo.bind(family, binding);
    try {
      return await new Promise<TestResult>((resolve) => {
        runScenario(scenario, {
          provider: provider('fibre'),
          nameservers,
          family,
          binding,
          bound,
          names: names ?? new NameCache(),
          timeoutMs,
          deadlines,
          now: () => performance.now(),
          onResult: (result) => resolve(result),
          onLate: () => undefined,
          ...(through.spend && { spend: through.spend }),
        });
      });
    } finally {
      bound.release();
    }
  }

  return {
    check,
    /** A runner that asks all of some scenarios through eth1, now. */
    async runner(testScenarios: readonly TestScenario[]) {
      const config = { ...configured({ testScenarios }), nameservers: gateways };
      const emit = () => undefined;
      const runner = createRunner({ config, echo, emit, now: () => performance.now(), random: Math.random });
      const binding = await bindingOf('eth1', 4);
      runner.schedule('fibre/4', planned({ binding, burst: true, at: performance.now() }));
      return runner;
    },
    end(): void {
      for (const server of servers) server.kill('SIGKILL');
    },
  };
}

const gateways = ['10.1.1.2', 'fd01::2'];

async function bindingOf(device: string, family: Family): Promise<Binding> {
  const [address, gateway] = family === 4 ? ['10.1.1.1', '10.1.1.2'] : ['fd01::1', 'fd01::2'];
  return {
    interfaceName: device,
    interfaceIndex: await linkIndex(device),
    address,
    network: undefined,
    gateway,
  };
}

async function link(device: string, far: string): Promise<void> {
  await ip(`netns add ${far}`);
  await ip(`link add ${device} index ${device === 'eth1' ? 101 : 102} type veth peer name eth0 netns ${far}`);
  await ip(`-n ${far} link set lo up`);
  for (const [where, name, host] of [
    ['', device, 1],
    [`-n ${far} `, 'eth0', 2],
  ] as const) {
    await ip(`${where}link set ${name} addrgenmode none`);
    await ip(`${where}addr add 10.1.1.${host}/24 dev ${name}`);
    await ip(`${where}addr add fd01::${host}/64 dev ${name} nodad`);
    await ip(`${where}addr add fe80::${host}/64 dev ${name} nodad`);
    await ip(`${where}link set ${name} up`);
  }
  for (const host of [4, 5]) {
    await ip(`-n ${far} addr add 10.1.1.${host}/24 dev eth0`);
    // Deprecated, so that answers over UDP come from ::2, and not from the address added last.
    await ip(`-n ${far} addr add fd01::${host}/64 dev eth0 nodad preferred_lft 0`);
  }
  await refuse(far);
  for (const address of silent) await ip(`neigh add ${address} lladdr ${nobody} dev ${device} nud permanent`);
}

/**
 * Hosts that never answer. The kernel is given a link-layer address that no device has: if it had to resolve one, it
 * would give up after three seconds and report "host unreachable" to whatever is waiting at that moment.
 */
const silent = ['10.1.1.3', '10.1.1.6', '10.1.1.77', 'fd01::6'];
const nobody = '02:00:00:00:00:99';

/** Host 4 refuses everything but ICMP; host 5 says that it cannot be reached. */
async function refuse(far: string): Promise<void> {
  const rules = [
    ['ip daddr 10.1.1.4 tcp dport 1-65535', 'tcp reset'],
    ['ip6 daddr fd01::4 tcp dport 1-65535', 'tcp reset'],
    ['ip daddr 10.1.1.4 udp dport 1-65535', 'icmp port-unreachable'],
    ['ip6 daddr fd01::4 udp dport 1-65535', 'icmpv6 port-unreachable'],
    ['ip daddr 10.1.1.5', 'icmp host-unreachable'],
    ['ip6 daddr fd01::5 tcp dport 1-65535', 'icmpv6 addr-unreachable'],
  ].map(([match, answer]) => `add rule inet t i ${match} reject with ${answer}`);
  const input = [
    'add table inet t',
    'add chain inet t i { type filter hook input priority 0; }',
    ...rules,
  ].join('\n');
  const { code, stderr } = await run('ip', ['netns', 'exec', far, 'nft', '-f', '-'], { input: `${input}\n` });
  if (code !== 0) throw new Error(`nft in ${far}: ${stderr}`);
}

async function serve(far: string): Promise<ChildProcess> {
  const file = new URL('far-side.ts', import.meta.url).pathname;
  const child = start('ip', ['netns', 'exec', far, process.execPath, '--import', 'tsx', file, far]);
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (text) => (said += String(text)));
  await until(() => said.includes('ready') || child.exitCode !== null, `the servers of ${far}`);
  if (!said.includes('ready')) throw new Error(`the servers of ${far} did not start: ${said}`);
  return child;
}
