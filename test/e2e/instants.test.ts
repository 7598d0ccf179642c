/** What is lost for an instant only: at a check a second, five checks in a row take more than four seconds. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openScene, type Scene } from './scene.ts';

const settings = {
  checkInterval: '1s',
  minOutage: '1s',
  minConsecutiveSucceededChecks: 4,
  failbackDelay: '2s',
};

const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1', ipv6: false },
    { name: 'cable', device: 'eth2', ipv6: false },
  ],
  settings,
  config: () => ({
    providers: [
      { id: 'fibre', interfaceName: 'eth1' },
      { id: 'cable', interfaceName: 'eth2' },
    ],
  }),
  prepare: async (lab) => {
    await lab.ip('route add default via 10.10.1.254 dev eth1 proto static metric 5001');
    await lab.ip('route add default via 10.10.2.254 dev eth2 proto static metric 5002');
  },
});
after(() => scene.close());
beforeEach(() => scene.calm());

const { lab } = scene;

/** How long after `backAt` (wall clock, ms) fibre was found reliable. */
async function reliableAfterMs(backAt: number): Promise<number> {
  let found = Number.NaN;
  await scene.until(async () => {
    const { health, since = 0 } = await scene.path('fibre');
    found = since - backAt;
    return health === 'reliable' && found >= 0;
  }, 'fibre found reliable again');
  return found;
}

test('a carrier lost for 0.2 s is trusted again long before five checks at the usual pace', async (t) => {
  await lab.carrier('fibre', false);
  await sleep(200);
  const took = await reliableAfterMs(await lab.carrier('fibre', true));
  t.diagnostic(`reliable ${took.toFixed(0)} ms after the carrier is back`);
  assert.ok(took < 3000, `${took} ms`);
  await scene.carries('fibre');
});

test('so is an address that is gone for an instant', async (t) => {
  await lab.removeAddress('fibre', 4);
  await scene.until(() => scene.isNow('fibre', 'unreliable'), 'the address missed');
  const backAt = await lab.addAddress('fibre', 4);
  await lab.ip('route replace default via 10.10.1.254 dev eth1 proto static metric 5001');
  const took = await reliableAfterMs(backAt);
  t.diagnostic(`reliable ${took.toFixed(0)} ms after the address is back`);
  assert.ok(took < 3000, `${took} ms`);
  await scene.carries('fibre');
});

test('an address that replaces another is judged by itself, and moves nothing', async () => {
  const at = await lab.addAddress('fibre', 4, '10.10.1.77/24');
  await lab.writeConfig({
    ...settings,
    providers: [
      { id: 'fibre', interfaceName: 'eth1', ipv4Address: '10.10.1.77' },
      { id: 'cable', interfaceName: 'eth2' },
    ],
  });
  await scene.until(
    async () => (await scene.path('fibre')).binding?.address === '10.10.1.77',
    'the new address',
  );
  assert.ok((await reliableAfterMs(at)) < 30_000);
  await scene.assertUnmoved(at);
  const { samples, why } = await scene.path('fibre');
  assert.ok(samples < 10, `${samples} samples: none of the earlier address`);
  assert.match(why, /^5 checks in a row passed/);
});
