import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openScene } from './scene.ts';

const addresses = ['2001:db8:1::10', '2001:db8:1::11', '2001:db8:1::12'];
const ids = ['vpn-2001-db8-1--10', 'vpn-2001-db8-1--11', 'vpn-2001-db8-1--12'];

test('a range of IPv6 gateways is checked and shared like one of IPv4', async () => {
  const scene = await openScene({
    shared: true,
    isps: [{ name: 'vpn', device: 'eth1', ipv4: false }],
    prepare: async (lab) => {
      for (const address of addresses)
        await lab.run('vpn', ['ip', 'address', 'add', `${address}/128`, 'dev', 'customer', 'nodad']);
    },
    settings: { testScenarios: [{ ping: 'gateway' }] },
    config: (lab) => {
      const [vpn] = lab.config().providers;
      return { providers: [{ ...vpn, ipv6Gateway: undefined, gateways: `${addresses[0]}-${addresses[2]}` }] };
    },
  });
  after(() => scene.close());
  await scene.until(async () => (await scene.see()).active[6].join() === ids.join(), 'all three share');
  assert.deepEqual(
    (await scene.see()).paths.filter(({ family }) => family === 6).map(({ binding }) => binding?.gateway),
    addresses,
  );
  await scene.lab.run('vpn', ['ip', 'address', 'del', `${addresses[1]}/128`, 'dev', 'customer']);
  await scene.until(
    async () => (await scene.see()).active[6].join() === [ids[0], ids[2]].join(),
    'two share',
  );
  assert.match((await scene.routes('default', 6)).join('\n'), /nhid|nexthop/);
  await scene.close();
});
