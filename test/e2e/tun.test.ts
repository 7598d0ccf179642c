import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { after, test } from 'node:test';
import { openScene } from './scene.ts';

const skip = whyNoTun();

/** Why no tun device can be made here; false when one can. */
function whyNoTun(): string | false {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    return false;
  } catch (error) {
    return `no tun device can be opened (${String(error)}): load the module tun, and run as root or chmod 666 /dev/net/tun`;
  }
}

test('a gateway-less uplink and one without IPv6 fail over to each other', { skip }, async () => {
  const scene = await openScene({
    isps: [
      { name: 'vpn', kind: 'tun' },
      { name: 'cable', device: 'eth2', ipv6: false },
    ],
  });
  after(() => scene.close());
  const { lab } = scene;
  const { device } = lab.isp('vpn');
  assert.equal((await scene.path('vpn')).binding?.gateway, undefined);
  assert.match((await scene.routes('default metric 77')).join('\n'), new RegExp(`^default dev ${device} `));
  assert.equal(
    (await scene.see()).paths.some(({ path }) => path === 'cable/6'),
    false,
    'cable has no IPv6',
  );
  const at = await lab.cut('vpn');
  await scene.carries('cable', 4);
  await scene.until(() => scene.isNow('vpn', 'unreliable', 6), 'vpn found dead in IPv6');
  assert.deepEqual((await scene.see()).active[6], ['vpn'], 'nobody else has IPv6');
  await lab.heal('vpn');
  await scene.carries('vpn');
  assert.deepEqual(await scene.switches(at, 6), []);
  await lab.removeDevice('vpn');
  await scene.carries('cable', 4);
  await lab.recreateDevice('vpn');
  await scene.carries('vpn');
});

test('two gateway-less uplinks with automatic addressing', { skip }, async () => {
  const scene = await openScene({
    isps: [
      { name: 'one', kind: 'tun' },
      { name: 'two', kind: 'tun' },
    ],
    config: (lab) => ({
      providers: lab.isps.map(({ name, device }) => ({ id: name, interfaceName: device })),
    }),
  });
  after(() => scene.close());
  await scene.lab.cut('one');
  await scene.carries('two');
  await scene.lab.heal('one');
  await scene.carries('one');
  await scene.close();
});
