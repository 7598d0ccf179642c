import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { http } from '../../models/config.ts';
import { addGateways, type GatewayServers } from './gateway-servers.ts';
import { linesOf, openScene, type Scene } from './scene.ts';

const page = http('http://gateway:9999/', { timeout: '2s' }).plain;
const first = { text: '10.20.1.0', bits: 0x0a140100 };

interface Large {
  readonly scene: Scene;
  readonly servers: GatewayServers;
  readonly addresses: readonly string[];
}

/** Gateways 10.20.1.0 and on, of one ISP on one device, as a range; each is checked at its own page. */
async function openLarge(count: number, checkInterval: string): Promise<Large> {
  const addresses = Array.from({ length: count }, (_, i) => dotted(first.bits + i));
  let servers: GatewayServers | undefined;
  const scene = await openScene({
    shared: true,
    isps: [{ name: 'vpn', device: 'eth1', ipv6: false, ipv4: '10.20.0.1/16', gateway4: first.text }],
    prepare: async (lab) => {
      servers = await addGateways(lab, 'vpn', addresses);
      after(() => servers?.close());
      await knowNeighbours(lab, addresses);
    },
    settings: { testScenarios: [page], checkInterval, checkTimeout: '2s' },
    config: (lab) => {
      const [vpn] = lab.config().providers;
      return { providers: [{ ...vpn, gateway: undefined, gateways: `${first.text}-${addresses.at(-1)}` }] };
    },
  });
  if (servers === undefined) throw new Error('the scene was not prepared');
  return { scene, servers, addresses };
}

function dotted(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

/** All namespaces of a machine share room for 1024 neighbours (gc_thresh3), but for permanent ones. */
async function knowNeighbours(lab: Scene['lab'], addresses: readonly string[]): Promise<void> {
  const shown = await lab.run('vpn', ['ip', '-o', 'link', 'show', 'customer']);
  const hardware = / link\/ether (\S+)/.exec(shown)?.[1];
  const words = (address: string) => `${address} lladdr ${hardware} dev eth1 nud permanent`;
  const commands = addresses.map((address) => `neighbour add ${words(address)}\n`).join('');
  await lab.run('router', ['ip', '-batch', '-'], commands);
}

function idsOf(addresses: readonly string[]): readonly string[] {
  return addresses.map((address) => `vpn-${address}`);
}

/** How many share in the kernel: members of the group that the default route leads through. */
async function sharers({ lab }: Scene): Promise<number> {
  const [route = ''] = linesOf(await lab.ip('route show default'));
  const id = / nhid (\d+)/.exec(route)?.[1];
  const shown = await lab.run('router', ['ip', 'nexthop', 'show']);
  const group = linesOf(shown).find((line) => line.startsWith(`id ${id} group `));
  return (/ group (\S+)/.exec(group ?? '')?.[1] ?? '').split('/').filter((member) => member !== '').length;
}

/** Waits until exactly these carry the traffic, for the daemon and in the kernel. */
async function carriedBy(scene: Scene, addresses: readonly string[]): Promise<void> {
  let last = '';
  const wanted = idsOf(addresses).join(' ');
  const arrived = async (): Promise<boolean> => {
    const { active } = await scene.see();
    const members = await sharers(scene);
    last = `${active[4].length} active, ${members} in the kernel`;
    return active[4].join(' ') === wanted && members === addresses.length;
  };
  await scene.until(arrived, () => `traffic through ${addresses.length} gateways (${last})`, 150_000);
}

test('of 256 gateways 60 go down at once, and 60 others when they come back', async (t) => {
  const { scene, servers, addresses } = await openLarge(256, '2s');
  try {
    await carriedBy(scene, addresses);
    const one = addresses.filter((_, i) => i % 4 === 1).slice(0, 60);
    const other = addresses.filter((_, i) => i % 4 === 3).slice(0, 60);
    const watch = await scene.lab.watchRoutes();
    const at = Date.now();
    await servers.silence(one);
    await carriedBy(
      scene,
      addresses.filter((address) => !one.includes(address)),
    );
    t.diagnostic(`60 of 256 were out after ${((Date.now() - at) / 1000).toFixed(1)} s`);
    await Promise.all([servers.revive(one), servers.silence(other)]);
    await carriedBy(
      scene,
      addresses.filter((address) => !other.includes(address)),
    );
    await servers.revive(other);
    await carriedBy(scene, addresses);
    t.diagnostic(`all was well again after ${((Date.now() - at) / 1000).toFixed(1)} s`);
    assert.equal((await watch.stop())[4].withoutDefaultMs, 0);
    const failed = (await scene.decisions()).filter(
      (decision) => decision.kind === 'health' && decision.to === 'unreliable' && decision.at >= at,
    );
    const known = new Set(idsOf([...one, ...other]));
    assert.deepEqual(
      failed.filter(({ provider = '' }) => !known.has(provider)),
      [],
      'the others were not in doubt',
    );
  } finally {
    await scene.close();
  }
});

test('1,000 gateways are each checked once in every check interval', async (t) => {
  const { scene, addresses } = await openLarge(1000, '5s');
  try {
    await carriedBy(scene, addresses);
    const counts = async () => (await scene.see()).paths.map(({ samples }) => samples);
    const [before, at] = [await counts(), Date.now()];
    const done = async () => (await counts()).every((samples, i) => samples >= (before[i] ?? 0) + 3);
    await scene.until(done, 'three more checks of each', 150_000);
    const seconds = (Date.now() - at) / 1000;
    t.diagnostic(`3,000 checks took ${seconds.toFixed(1)} s, with one of each due every 5 s`);
    assert.ok(
      seconds < 4 * 5 * 1.1,
      'three intervals, what was left of the one before, and the spread of starts',
    );
    const { paths } = await scene.see();
    assert.deepEqual(
      paths.filter(({ liveness }) => liveness !== 'up').map(({ path, why }) => `${path}: ${why}`),
      [],
    );
  } finally {
    await scene.close();
  }
});
