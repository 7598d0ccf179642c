/** ISPs that let two echoes a second through: after short stalls a line that carries data well must not stay out of use. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import { openScene, twoIsps } from './scene.ts';

const policer = `table inet policer {
  chain in {
    type filter hook prerouting priority -300
    iifname "customer" icmp type echo-request counter limit rate over 2/second burst 5 packets counter drop
    iifname "customer" icmpv6 type echo-request counter limit rate over 2/second burst 5 packets counter drop
  }
}
`;

const scene = await openScene({
  settings: { checkInterval: '1s', minOutage: '1s', minConsecutiveSucceededChecks: 4, failbackDelay: '5s' },
  prepare: async (lab) => {
    for (const { name } of twoIsps) await lab.run(name, ['nft', '-f', '-'], policer);
  },
});
after(() => scene.close());
const { lab } = scene;

/** Echo requests that reached an ISP so far, in IPv4 and IPv6, and those of them that it dropped. */
async function seenBy(isp: string): Promise<{ asked: number; dropped: number }> {
  const rules = await lab.run(isp, ['nft', 'list', 'table', 'inet', 'policer']);
  const counts = [...rules.matchAll(/counter packets (\d+)/g)].map(([, packets]) => Number(packets));
  const [asked4 = 0, dropped4 = 0, asked6 = 0, dropped6 = 0] = counts;
  return { asked: asked4 + asked6, dropped: dropped4 + dropped6 };
}

test('after stalls the traffic is on the line within a minute, and it is asked once a second again', async (t) => {
  for (let i = 0; i < 5; i += 1) {
    await lab.cut('fibre');
    await sleep(700 + i * 40);
    await lab.heal('fibre');
    await sleep(2500 + i * 300);
  }
  const stalled = await seenBy('fibre');
  t.diagnostic(`${stalled.asked} echoes while it stalled five times, ${stalled.dropped} of them dropped`);
  for (const family of families) {
    await scene.until(() => scene.isNow('fibre', 'reliable', family), 'fibre reliable', 60_000);
    await scene.carries('fibre', family, 60_000);
  }
  await sleep(5000);
  const before = await seenBy('fibre');
  await sleep(10_000);
  const { asked, dropped } = await seenBy('fibre');
  t.diagnostic(`${asked - before.asked} echoes in 10 s, ${dropped - before.dropped} of them dropped`);
  assert.ok(asked - before.asked <= 30, `${asked - before.asked} echoes in 10 s`); // 20, as there are two families
  assert.equal(dropped - before.dropped, 0);
  const switches = (await Promise.all(families.map((family) => scene.switches(0, family)))).flat();
  t.diagnostic(`switches: ${switches.join(', ')}`);
});
