import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { after, beforeEach, test } from 'node:test';
import { linesOf, openScene, type Scene } from './scene.ts';

/** PPP devices need a kernel with CONFIG_PPP; a tun device has the same kind of link: an address, a peer, no ARP. */
const skip = whyNoTun();

function whyNoTun(): string | false {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    return false;
  } catch (error) {
    return `no tun device can be opened (${String(error)}): load the module tun, and run as root or chmod 666 /dev/net/tun`;
  }
}

const second = { own: '10.77.0.1', peer: '10.77.0.254' };

const scene: Scene | undefined =
  skip === false
    ? await openScene({
        isps: [
          { name: 'dialup', kind: 'tun', ipv6: false },
          { name: 'cable', device: 'eth2', ipv6: false },
        ],
        config: (lab) => {
          const [dialup, cable] = lab.config().providers;
          const { id, interfaceName } = dialup ?? {};
          return { providers: [{ id, interfaceName, gateway: 'peer' }, cable ?? {}] };
        },
      })
    : undefined;
after(() => scene?.close());
beforeEach(() => scene?.calm());

test('the peer of a point-to-point link is its gateway', { skip }, async () => {
  if (scene === undefined) return;
  const { device, ends } = scene.lab.isp('dialup');
  assert.equal((await scene.path('dialup')).binding?.gateway, ends[4]?.gateway);
  assert.match(
    (await scene.routes('default metric 77')).join(),
    new RegExp(`^default via ${ends[4]?.gateway} dev ${device} `),
  );
});

test('a new address and a new peer rebuild table and rules, and the old ones leave nothing', {
  skip,
}, async () => {
  if (scene === undefined) return;
  const { lab } = scene;
  const { device, ends } = lab.isp('dialup');
  const old = { own: ends[4]?.address, peer: ends[4]?.gateway };
  // The other end first, as a provider does: it gives the customer another address of its own accord.
  await lab.run('dialup', [
    'ip',
    'address',
    'add',
    second.peer,
    'peer',
    `${second.own}/32`,
    'dev',
    'customer',
  ]);
  await lab.run('internet', [
    'ip',
    'route',
    'add',
    `${second.own}/32`,
    'via',
    `100.64.${lab.isp('dialup').index}.1`,
  ]);
  await lab.ip(
    `address del ${old.own} peer ${old.peer}/32 dev ${device}`,
    `address add ${second.own} peer ${second.peer}/32 dev ${device}`,
  );
  await scene.until(
    async () => (await scene.path('dialup')).binding?.gateway === second.peer,
    'the new peer',
  );
  await scene.calm();
  const ours = await scene.ours(4);
  assert.match(ours, new RegExp(`from ${second.own} lookup 101`));
  assert.match(ours, new RegExp(`default via ${second.peer} dev ${device} table 101`));
  assert.equal(
    linesOf(ours).some((line) => line.includes(`${old.own} `) || line.includes(`${old.peer} `)),
    false,
  );
  await lab.ip(
    `address del ${second.own} peer ${second.peer}/32 dev ${device}`,
    `address add ${old.own} peer ${old.peer}/32 dev ${device}`,
  );
  await scene.until(async () => (await scene.path('dialup')).binding?.gateway === old.peer, 'the old peer');
});

test('the link goes and comes back with another index, as pppd makes it', { skip }, async () => {
  if (scene === undefined) return;
  const { lab } = scene;
  await lab.removeDevice('dialup');
  await scene.carries('cable', 4);
  await lab.recreateDevice('dialup');
  await scene.carries('dialup', 4);
});
