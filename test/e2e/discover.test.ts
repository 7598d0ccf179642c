import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { Lab } from '../../src/lab/lab.ts';
import { openScene, type Scene } from './scene.ts';

/** On fibre's network, each with a hardware address of its own. Nobody tells which of them leads out. */
const printer = { device: 'printer', address: '10.10.1.20' }; // leads nowhere
const second = { device: 'second', address: '10.10.1.253' };
const third = { device: 'customer', address: '10.10.1.254' };

const faults = `table inet neighbours {
  set dead { type ifname; elements = { "printer" } }
  chain forward { type filter hook forward priority 0; iifname @dead drop; }
}
`;

async function addNeighbours(lab: Lab): Promise<void> {
  const run = (...words: readonly string[]) => lab.run('fibre', words);
  // Each device answers and asks for its own address only.
  for (const [setting, value] of [
    ['arp_ignore', '1'],
    ['arp_announce', '2'],
  ] as const)
    await lab.run('fibre', ['tee', `/proc/sys/net/ipv4/conf/all/${setting}`], value);
  for (const { device, address } of [printer, second]) {
    await run('ip', 'link', 'add', device, 'link', 'customer', 'type', 'macvlan', 'mode', 'bridge');
    await run('ip', 'address', 'add', `${address}/32`, 'dev', device);
    await run('ip', 'link', 'set', device, 'up');
  }
  await lab.run('fibre', ['nft', '-f', '-'], faults);
  // The machine has heard of them: no network is ever scanned.
  for (const { address } of [printer, second, third])
    await lab.run('router', ['ping', '-c', '1', '-W', '5', address]);
}

function fault(lab: Lab, verb: 'add' | 'delete', { device }: typeof second): Promise<string> {
  return lab.run('fibre', ['nft', verb, 'element', 'inet', 'neighbours', 'dead', `{ "${device}" }`]);
}

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1', ipv6: false },
    { name: 'cable', device: 'eth2', ipv6: false },
  ],
  prepare: addNeighbours,
  config: (lab) => {
    const [fibre, cable] = lab.config().providers;
    return { providers: [{ ...fibre, gateway: 'discover' }, cable ?? {}] };
  },
});
after(() => scene.close());
beforeEach(() => scene.calm());

async function gateway(): Promise<string | undefined> {
  return (await scene.path('fibre')).binding?.gateway;
}

/** Gateways found so far, oldest first. */
async function found(): Promise<readonly unknown[]> {
  return (await scene.decisions()).flatMap(({ numbers }) => numbers['gateway'] ?? []);
}

test('of all neighbours the one that leads out is the gateway, the printer is not', async () => {
  assert.deepEqual(await found(), [second.address]);
  assert.equal(await gateway(), second.address);
  assert.match((await scene.routes('default metric 100')).join(), /via 10\.10\.1\.253 dev eth1/);
});

test('when it leads out no more, the next that does is, and traffic is never sent through one not tried', async () => {
  const { lab } = scene;
  const watch = await lab.watchRoutes();
  const at = Date.now();
  await fault(lab, 'add', second);
  await scene.until(async () => (await found()).at(-1) === third.address, 'the third found');
  await scene.calm();
  assert.deepEqual(await scene.switches(at), ['fibre → cable', 'cable → fibre']);
  assert.match((await scene.routes('default metric 100')).join(), /via 10\.10\.1\.254 dev eth1/);
  assert.equal((await watch.stop())[4].withoutDefaultMs, 0);
  await fault(lab, 'delete', second);
  await scene.until(async () => (await scene.path('fibre')).consecutiveSucceeded > 20, 'more checks');
  assert.equal(await gateway(), third.address, 'what works is kept');
});

test('it is remembered across a restart, and found again after an outage of all', async () => {
  const { lab } = scene;
  const before = await gateway();
  await scene.daemon.stop();
  const at = Date.now();
  const daemon = await lab.daemon({ config: `${lab.folder}/config.json` });
  await daemon.line(/started/);
  await scene.until(async () => (await scene.see().catch(() => undefined)) !== undefined, 'the new run');
  assert.equal(await gateway(), before);
  await scene.calm();
  await scene.assertUnmoved(at);
  await lab.cut('fibre');
  await scene.carries('cable');
  await scene.until(async () => (await gateway()) !== before, 'another to be tried');
  assert.equal((await scene.routes('default')).join().includes(printer.address), false);
  await lab.heal('fibre');
  await scene.carries('fibre');
});
