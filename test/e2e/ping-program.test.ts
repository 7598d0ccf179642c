import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene } from './scene.ts';

const groups = Number(readFileSync('/proc/self/gid_map', 'utf8').trim().split(/\s+/)[2]); // user_namespaces(7)
const skip = groups < 2 && 'in a user namespace of one group no range can leave us out; run as root';

/** Without CAP_NET_RAW, which ping has for itself: root is a user like any other but for what it is given. */
const before = [
  ...['setpriv', '--securebits', '+noroot'],
  ...['--inh-caps', '-all,+net_admin', '--ambient-caps', '-all,+net_admin', '--'],
];

test('where neither ping sockets nor raw ones are permitted, the ping program takes over, says why, and failover works', {
  skip,
}, async () => {
  const scene = await openScene({
    settings: { checkInterval: '300ms', minOutage: '600ms' },
    before,
    prepare: (lab) => lab.run('router', ['tee', '/proc/sys/net/ipv4/ping_group_range'], '1 0'),
  });
  after(() => scene.close());
  const { lab } = scene;
  const { means, reason } = (await scene.see()).probing;
  assert.equal(means, 'ping program');
  assert.match(reason ?? '', /ping_group_range/);
  const { stdout } = await lab.cli(['status']);
  assert.match(
    stdout.replace(/\s+/g, ' '),
    /ping program: .*ping_group_range.*; raw sockets need CAP_NET_RAW/,
  );
  const whole = (await lab.cli(['test', 'fibre'], { before })).stdout;
  assert.equal(whole.match(/^ +ok +path MTU a packet of 1500 bytes passes/gm)?.length, 2, whole);
  const watch = await lab.watchRoutes();
  await lab.cut('fibre');
  await scene.carries('cable', undefined, 30_000);
  for (const family of families)
    await scene.until(
      async () =>
        /^the gateway answers, nothing beyond it does/.test((await scene.path('fibre', family)).why),
      'the layer that broke',
    );
  await lab.run('fibre', ['ip', 'link', 'set', 'upstream', 'mtu', '1400']);
  await lab.run('internet', ['ip', 'link', 'set', 'isp1', 'mtu', '1400']);
  await lab.heal('fibre');
  await scene.carries('fibre', undefined, 30_000);
  const small = (await lab.cli(['test', 'fibre'], { before })).stdout;
  assert.equal(small.match(/a router on the way says that it takes 1400/g)?.length, 2, small);
  const report = await watch.stop();
  for (const family of families) assert.equal(report[family].withoutDefaultMs, 0);
});
