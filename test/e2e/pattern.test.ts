import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { Lab } from '../../src/lab/lab.ts';
import { openScene, type Scene } from './scene.ts';

/** Two lines of an operator whose devices come and go, and one that is always there. */
const isps = [
  { name: 'one', device: 'wan1', ipv6: false },
  { name: 'two', device: 'wan2', ipv6: false },
  { name: 'fixed', device: 'eth9', ipv6: false },
] as const;

/** What a DHCP client leaves of a device's default route. */
async function lease(lab: Lab, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { device, ends } = lab.isp(name);
    await lab.ip(
      `route add default via ${ends[4]?.gateway} dev ${device} metric ${5000 + lab.isp(name).index}`,
    );
  }
}

const scene: Scene = await openScene({
  shared: true,
  isps,
  prepare: async (lab) => {
    await lab.ip('link add wanb type bridge', 'link set wanb up', 'address add 10.99.0.1/24 dev wanb');
    await lab.ip('link add veth7 type veth peer name far7', 'link set veth7 up');
    await lease(lab, 'one', 'two');
  },
  config: (lab) => ({
    providers: [{ interfaceName: 'wan?', tier: 0 }, lab.config().providers[2] ?? {}],
  }),
});
after(() => scene.close());
beforeEach(() => scene.reliable());

async function ids(): Promise<readonly string[]> {
  return (await scene.see()).paths.map(({ provider }) => provider);
}

async function tableOf(id: string): Promise<number> {
  return (await scene.path(id)).table;
}

test('devices that match are providers, bridges and devices named otherwise are not', async () => {
  assert.deepEqual(await ids(), ['wan1', 'wan2', 'fixed']);
  await scene.until(async () => (await scene.see()).active[4].length === 2, 'both share the traffic');
  assert.deepEqual((await scene.see()).active[4], ['wan1', 'wan2']);
});

test('a device that vanishes is a provider no more, and is one again with the table it had', async () => {
  const { lab } = scene;
  const table = await tableOf('wan2');
  const at = await lab.removeDevice('one');
  await scene.until(async () => (await ids()).join() === 'wan2,fixed', 'wan1 to be gone');
  assert.deepEqual((await scene.see()).active[4], ['wan2']);
  assert.equal((await scene.ours(4)).includes('wan1'), false, 'nothing of it is left in the kernel');
  assert.equal(await tableOf('wan2'), table);
  const [moved] = (await scene.decisions()).filter(
    (decision) => decision.at >= at && decision.kind === 'switch',
  );
  assert.match(`${moved?.sentence} ${moved?.reason}`, /wan1.*(is missing|has no carrier)/);
  await lab.recreateDevice('one');
  await lease(lab, 'one');
  await scene.until(async () => (await ids()).join() === 'wan1,wan2,fixed', 'wan1 to be back');
  await scene.until(async () => (await scene.see()).active[4].length === 2, 'both share the traffic again');
  assert.equal(await tableOf('wan2'), table);
});

test('a new device becomes a provider, and tables stay theirs across a restart', async () => {
  const { lab } = scene;
  await lab.ip('link add wan0 type veth peer name far0', 'link set far0 up', 'link set wan0 up');
  await lab.ip('address add 10.88.0.1/24 dev wan0');
  await scene.until(async () => (await ids()).join() === 'wan0,wan1,wan2,fixed', 'wan0');
  const tables = await Promise.all(['wan0', 'wan1', 'wan2'].map(tableOf));
  assert.equal(new Set(tables).size, 3);
  await scene.daemon.stop();
  const daemon = await lab.daemon({ config: `${lab.folder}/config.json` });
  await daemon.line(/started/);
  await scene.until(async () => (await ids().catch(() => [])).length === 4, 'the new run');
  assert.deepEqual(await Promise.all(['wan0', 'wan1', 'wan2'].map(tableOf)), tables);
  await lab.ip('link del wan0');
  await scene.until(async () => !(await ids()).includes('wan0'), 'wan0 to be gone');
});
