import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Decision } from '../../models/decision.ts';
import { openScene, twoIsps } from './scene.ts';

/**
 * A firewall of the machine that drops our echo requests through eth1: sending one fails with EPERM. In IPv6 the kernel
 * does not report that of echoes (`ping_v6_sendmsg`), so that they are simply not answered.
 */
const wall = `table inet wall {
  chain output {
    type filter hook output priority 0
    oifname "eth1" icmp type echo-request drop
  }
}`;

test('a line that nobody can check is unknown after 10 s, which is said, and traffic goes where checks pass', async () => {
  const isps = twoIsps.map((isp) => ({ ...isp, ipv6: false as const }));
  const scene = await openScene({ isps });
  after(() => scene.close());
  const { lab } = scene;
  const at = Date.now();
  const about = async (words: RegExp): Promise<Decision | undefined> =>
    (await scene.decisions()).find(({ sentence, at: then }) => then >= at && words.test(sentence));

  await lab.run('router', ['nft', '-f', '-'], wall);
  await scene.carries('cable', undefined, 40_000);
  const { health, liveness, why } = await scene.path('fibre');
  assert.deepEqual([health, liveness], ['unknown', 'unknown']);
  assert.match(
    why,
    /^not checked for 1\d s: a firewall rule of this machine forbids echo requests through eth1/,
  );
  const said = await about(/^the health of fibre \(IPv4\) is unknown/);
  assert.equal(said?.severity, 'warning');
  assert.ok((said?.at ?? 0) - at >= 9900, 'not before 10 s');
  const moved = await about(/^IPv4 moves from fibre to cable/);
  assert.match(
    moved?.reason ?? '',
    /^failover: nothing is known of fibre: not checked for 1\d s: a firewall rule/,
  );
  assert.ok(scene.daemon.lines.some((line) => /the health of fibre \(IPv4\) is unknown/.test(line)));

  await lab.run('router', ['nft', 'delete', 'table', 'inet', 'wall']);
  await scene.carries('fibre');
  assert.equal((await about(/^fibre \(IPv4\) is checked again/))?.severity, 'notice');
});
