import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Lab } from '../../src/lab/lab.ts';
import type { LabConfig } from '../../src/lab/lab-config.ts';
import { flowTargets, internetAddresses } from '../../src/lab/topology.ts';
import { addClient, clientAddresses } from './lan.ts';
import { openScene, quick, Scene } from './scene.ts';
import { ispOf, marked, serveStreams, streamsIn } from './streams.ts';

const hosts = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((host) => `192.168.77.${host}`);

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1' },
    { name: 'cable', device: 'eth2' },
    { name: 'dsl', device: 'eth3' },
  ],
  shared: true,
  config: (lab) => shared(lab, 'source'),
  prepare: async (lab) => {
    await addClient(lab);
    for (const host of hosts.slice(1))
      await lab.run('client', ['ip', 'address', 'add', `${host}/24`, 'dev', 'eth0']);
  },
});
after(() => scene.close());
const { lab } = scene;
const server = await serveStreams('internet', [...internetAddresses[4], ...internetAddresses[6]]);
after(() => server.close());
const client = await streamsIn('client');
after(() => client.close());
let count = 0;

function shared(of: Lab, by: string, onFailback = 'soft'): LabConfig {
  const config = marked(of, { stickyClients: { by, timeout: '1m' } });
  return { ...config, providers: config.providers.map((provider) => ({ ...provider, tier: 1, onFailback })) };
}

/** The ISPs that so many connections go through, one after the other. */
async function begin(from: string, to: string, connections = 12): Promise<Set<string>> {
  const isps = new Set<string>();
  for (let i = 0; i < connections; i += 1) {
    count += 1;
    const id = `${count}`;
    client.open({ id, from, to, everyMs: 0, once: true });
    await scene.until(async () => (await client.latest(id))?.ended === 'closed', `an answer to ${from}`);
    isps.add(ispOf(lab, await client.latest(id)) ?? '?');
  }
  return isps;
}

let current: Scene = scene; // with the daemon that runs now

function reload(config: LabConfig): Promise<void> {
  return current.reload({ ...quick, ...config });
}

/** The clients a provider's set holds. */
async function clientsOf(id: string): Promise<string> {
  const text = await lab.run('router', ['nft', 'list', 'set', 'inet', 'failover', `clients-ipv4-${id}`]);
  return /elements = \{([^}]*)\}/.exec(text)?.[1] ?? '';
}

let home = '';

test('a client keeps its provider; clients are spread', async () => {
  const spread = new Set<string>();
  for (const host of hosts) {
    const isps = await begin(host, flowTargets[4]);
    assert.equal(isps.size, 1, `${host} through ${[...isps]}`);
    for (const isp of isps) spread.add(isp);
  }
  assert.ok(spread.size > 1, 'ten clients through one provider: one in twenty thousand by chance');
  const six = await begin(clientAddresses[6], flowTargets[6]);
  assert.equal(six.size, 1);
  [home = ''] = await begin(hosts[0] ?? '', flowTargets[4], 1);
});

test('a reload, and a restart of the daemon, keep them', async () => {
  await reload(shared(lab, 'source', 'hard'));
  assert.match(await clientsOf(home), /192\.168\.77\.2 /);
  await scene.daemon.kill();
  const again = await lab.daemon({ config: { ...quick, ...shared(lab, 'source') } });
  await again.line(/started/);
  current = new Scene(lab, again);
  await scene.reliable();
  assert.match(await clientsOf(home), /192\.168\.77\.2 /);
  assert.deepEqual(await begin(hosts[0] ?? '', flowTargets[4]), new Set([home]));
});

test('it gets another when that is down, and keeps that', async () => {
  await lab.cut(home);
  await scene.until(async () => !(await scene.see()).active[4].includes(home), `traffic without ${home}`);
  await scene.until(async () => (await clientsOf(home)) === '', `no client of ${home} any more`);
  const moved = await begin(hosts[0] ?? '', flowTargets[4]);
  assert.equal(moved.size, 1);
  assert.ok(!moved.has(home));
  await lab.heal(home);
  await scene.until(async () => (await scene.see()).active[4].includes(home), `traffic with ${home}`);
  assert.deepEqual(await begin(hosts[0] ?? '', flowTargets[4]), moved);
});

test('by source and destination: each pair keeps its own', async () => {
  await reload(shared(lab, 'source-destination'));
  const table = (): Promise<string> => lab.run('router', ['nft', '-t', 'list', 'table', 'inet', 'failover']);
  await scene.until(async () => /@pairs-ipv4-dsl/.test(await table()), 'the table of pairs');
  const spread = new Set<string>();
  for (const host of hosts.slice(0, 4))
    for (const to of internetAddresses[4]) {
      const isps = await begin(host, to, 5);
      assert.equal(isps.size, 1, `${host} to ${to} through ${[...isps]}`);
      for (const isp of isps) spread.add(isp);
    }
  assert.ok(spread.size > 1);
});
