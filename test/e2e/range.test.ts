import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { http } from '../../models/config.ts';
import { addGateways, type GatewayServers } from './gateway-servers.ts';
import { openScene, type Scene } from './scene.ts';

const addresses = [10, 11, 12, 13, 14].map((n) => `10.10.1.${n}`);
let servers: GatewayServers | undefined;

/** Five VPN containers on one network, and a line of one's own behind them. */
const scene: Scene = await openScene({
  shared: true,
  isps: [
    { name: 'vpn', device: 'eth1', ipv6: false, gateway4: '10.10.1.10' },
    { name: 'cable', device: 'eth2', ipv6: false },
  ],
  prepare: async (lab) => {
    servers = await addGateways(lab, 'vpn', addresses);
  },
  settings: { testScenarios: [http('http://gateway:9999/').plain], minOutage: 0 },
  config: (lab) => {
    const [vpn, cable] = lab.config().providers;
    const range = { ...vpn, gateway: undefined, gateways: '10.10.1.10-10.10.1.14' };
    return { providers: [range, { ...cable, testScenarios: [{ ping: '1.1.1.1' }] }] };
  },
});
after(() => {
  servers?.close();
  return scene.close();
});
beforeEach(() => scene.reliable());

test('the members of a range share the traffic, each checked at its own address', async () => {
  const { active, paths } = await scene.see();
  assert.deepEqual(
    active[4],
    addresses.map((address) => `vpn-${address}`),
  );
  assert.deepEqual(
    paths.filter(({ provider }) => provider !== 'cable').map(({ binding }) => binding?.gateway),
    addresses,
  );
});

test('a member whose page says 500 leaves, and comes back with 200', async () => {
  servers?.answer('10.10.1.12', 500);
  await scene.until(() => scene.isNow('vpn-10.10.1.12', 'unreliable'), 'a verdict on .12');
  assert.match((await scene.path('vpn-10.10.1.12')).why, /status 500 instead of 2xx/);
  const others = addresses.filter((address) => address !== '10.10.1.12').map((address) => `vpn-${address}`);
  assert.deepEqual((await scene.see()).active[4], others);
  servers?.answer('10.10.1.12', 200);
  await scene.until(async () => (await scene.see()).active[4].length === 5, 'all five again');
});
