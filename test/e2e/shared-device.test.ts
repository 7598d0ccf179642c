import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { families } from '../../models/path.ts';
import type { IspOptions } from '../../src/lab/isp.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { addNeighbours, leadNowhere, type OnTheWire } from './neighbours.ts';
import { openScene, type Scene } from './scene.ts';

const isps: readonly IspOptions[] = [
  { name: 'fibre', device: 'eth1', ipv6: false },
  { name: 'cable', device: 'eth2', ipv6: false },
];

/** `second`: another gateway on fibre's network, from an address of its own beside fibre's or from fibre's own. */
function open(ipv4Address: string): Promise<Scene> {
  return openScene({
    isps,
    prepare: async (lab) => {
      await addSecond(lab);
      if (ipv4Address !== '10.10.1.1') await lab.ip(`address add ${ipv4Address}/24 dev eth1`);
    },
    config: (lab) => {
      const { providers } = lab.config();
      const second = { ...providers[0], id: 'second', ipv4Address, gateway: '10.10.1.253' };
      return { providers: [...providers, second] };
    },
  });
}

function addSecond(lab: Lab): Promise<string> {
  return lab.run('fibre', ['ip', 'address', 'add', '10.10.1.253/24', 'dev', 'customer']);
}

/** The second gateway is gone; its device is there still, under fibre's address. */
async function removeSecond(lab: Lab): Promise<void> {
  await lab.run('fibre', ['ip', 'address', 'del', '10.10.1.253/24', 'dev', 'customer']);
  await lab.ip('neighbour flush to 10.10.1.253');
}

for (const [ipv4Address, how] of [
  ['10.10.1.3', 'from addresses of their own'],
  ['10.10.1.1', 'from one address'],
] as const) {
  test(`of two gateways on one device each is checked itself, ${how}`, async () => {
    const scene = await open(ipv4Address);
    after(() => scene.close()); // should it fail
    const { lab } = scene;
    const at = Date.now();
    await removeSecond(lab);
    await scene.until(() => scene.isNow('second', 'unreliable'), 'a verdict on the second');
    await scene.assertUnmoved(at);
    assert.equal((await scene.path('fibre')).liveness, 'up');
    await addSecond(lab);
    await scene.until(() => scene.isNow('second', 'reliable'), 'the second back');
    assert.equal((await scene.path('second')).binding?.address, ipv4Address);
    await scene.close();
  });
}

/** A gateway with a hardware address of its own, which the ISP's other gateway knows nothing of. */
const apart: OnTheWire = { device: 'second', address: '10.10.1.253', ipv6Address: '2001:db8:1::fd' };

const script =
  '[ -z "$FAILOVER_MARK" ] || set -- -m "$FAILOVER_MARK"; exec ping -c 1 -W 1 -I "$FAILOVER_DEVICE" "$@" 9.9.9.9';

test('of two gateways with one address on one device, what is checked beyond each goes through it, in both families', async () => {
  const scene = await openScene({
    isps: [
      { name: 'fibre', device: 'eth1' },
      { name: 'cable', device: 'eth2' },
    ],
    prepare: (lab) => addNeighbours(lab, 'fibre', [apart]),
    settings: {
      requiredSuccessful: 'all',
      testScenarios: [
        { ping: '1.1.1.1' },
        { ping: '2606:4700:4700::1111' },
        { exec: ['sh', '-c', script], timeout: '3s' },
      ],
    },
    config: (lab) => {
      const { providers } = lab.config();
      const [fibre, cable] = providers.map((provider) => ({ ...provider, testScenarios: undefined }));
      const ways = { gateway: apart.address, ipv6Gateway: apart.ipv6Address };
      return { providers: [{ ...fibre }, { ...fibre, id: 'second', ...ways }, { ...cable }] };
    },
  });
  after(() => scene.close());
  const { lab } = scene;
  for (const family of families) {
    assert.notEqual((await scene.path('second', family)).binding?.mark, undefined);
    assert.equal(
      (await scene.path('second', family)).binding?.address,
      (await scene.path('fibre', family)).binding?.address,
    );
  }
  const at = Date.now();
  await leadNowhere(lab, 'fibre', apart);
  for (const family of families)
    await scene.until(
      () => scene.isNow('second', 'unreliable', family),
      `a verdict on the second in IPv${family}`,
    );
  await scene.assertUnmoved(at);
  await leadNowhere(lab, 'fibre', apart, false);
  for (const family of families)
    await scene.until(() => scene.isNow('second', 'reliable', family), `the second back in IPv${family}`);
  await leadNowhere(lab, 'fibre', { device: 'customer', address: '10.10.1.254' });
  for (const family of families)
    await scene.until(() => scene.isNow('fibre', 'unreliable', family), `a verdict on fibre in IPv${family}`);
  await scene.until(
    async () => (await scene.see()).active[4].join() === 'second',
    'the second carries the traffic',
  );
  assert.equal((await scene.path('second')).liveness, 'up');
  await scene.until(
    async () => /via 10\.10\.1\.253 dev eth1/.test((await scene.routes('default metric 77')).join()),
    'its default at the best metric',
  );
  await scene.close();
});
