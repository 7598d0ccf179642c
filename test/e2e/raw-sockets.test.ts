/** Where the kernel permits ping sockets to no group, as it does by itself: checks cost no process all the same. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene } from './scene.ts';

const scene = await openScene({
  settings: { checkInterval: '20ms', minOutage: '60ms', failback: 'never' },
  prepare: (lab) => lab.run('router', ['tee', '/proc/sys/net/ipv4/ping_group_range'], '1 0'),
});
after(() => scene.close());
const { lab } = scene;

test('raw sockets are used, and it is said where somebody looks', async () => {
  const reason = 'net.ipv4.ping_group_range does not include our group';
  assert.deepEqual((await scene.see()).probing, { means: 'raw sockets', reason });
  assert.match((await lab.cli(['status'])).stdout, /^Echoes are sent by raw sockets/m);
  const { stdout } = await lab.cli(['test', 'fibre']);
  assert.match(stdout, /^probing by raw sockets: net\.ipv4\.ping_group_range/m);
  assert.equal(stdout.match(/^ +ok +path MTU a packet of 1500 bytes passes/gm)?.length, 2, stdout);
});

test('a router on the way that takes less is noticed', async () => {
  await lab.run('cable', ['ip', 'link', 'set', 'upstream', 'mtu', '1400']);
  await lab.run('internet', ['ip', 'link', 'set', 'isp2', 'mtu', '1400']);
  const { stdout } = await lab.cli(['test', 'cable']);
  assert.equal(stdout.match(/a router on the way says that it takes 1400/g)?.length, 2, stdout);
});

test('a silent death moves both families as fast as with ping sockets', async (t) => {
  await scene.calm();
  const watch = await lab.watchRoutes();
  const at = await lab.cut('fibre');
  await scene.carries('cable');
  const report = await watch.stop();
  for (const family of families) {
    const moved = (await scene.decisions()).find(
      (one) => one.kind === 'switch' && one.family === family && one.at >= at,
    );
    const ms = (moved?.at ?? Number.NaN) - at;
    t.diagnostic(`IPv${family}: ${Math.round(ms)} ms after the cut`);
    assert.ok(ms < 1000, `IPv${family}: ${ms} ms`); // 80 on a quiet machine
    assert.equal(report[family].withoutDefaultMs, 0);
  }
});
