import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { addNeighbours, leadNowhere } from './neighbours.ts';
import { openScene, type Scene } from './scene.ts';

/** On fibre's network, each with a hardware address of its own. Nobody tells which of them leads out. */
const printer = { device: 'printer', address: '10.10.1.20' }; // leads nowhere
const second = { device: 'second', address: '10.10.1.253' };
const third = { device: 'customer', address: '10.10.1.254' };

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1', ipv6: false },
    { name: 'cable', device: 'eth2', ipv6: false },
  ],
  prepare: async (lab) => {
    await addNeighbours(lab, 'fibre', [printer, second, third]);
    await leadNowhere(lab, 'fibre', printer);
  },
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
  assert.match((await scene.routes('default metric 77')).join(), /via 10\.10\.1\.253 dev eth1/);
});

test('when it leads out no more, the next that does is, and traffic is never sent through one not tried', async () => {
  const { lab } = scene;
  const watch = await lab.watchRoutes();
  const at = Date.now();
  await leadNowhere(lab, 'fibre', second);
  await scene.until(async () => (await found()).at(-1) === third.address, 'the third found');
  await scene.calm();
  assert.deepEqual(await scene.switches(at), ['fibre → cable', 'cable → fibre']);
  assert.match((await scene.routes('default metric 77')).join(), /via 10\.10\.1\.254 dev eth1/);
  assert.equal((await watch.stop())[4].withoutDefaultMs, 0);
  await leadNowhere(lab, 'fibre', second, false);
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
