import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { IspOptions } from '../../src/lab/isp.ts';
import { openScene } from './scene.ts';

const shared = {
  'the same gateway': [
    { name: 'fibre', device: 'eth1', ipv4: '192.168.1.2/24', gateway4: '192.168.1.1', ipv6: false },
    { name: 'cable', device: 'eth2', ipv4: '192.168.1.3/24', gateway4: '192.168.1.1', ipv6: false },
  ],
  'the same gateway and the same local address': [
    { name: 'fibre', device: 'eth1', ipv4: '192.168.1.2/24', gateway4: '192.168.1.1', ipv6: false },
    { name: 'cable', device: 'eth2', ipv4: '192.168.1.2/24', gateway4: '192.168.1.1', ipv6: false },
  ],
} satisfies Record<string, readonly IspOptions[]>;

for (const [name, isps] of Object.entries(shared)) {
  test(`two providers with ${name} are checked each through its own device`, async () => {
    const scene = await openScene({ isps });
    after(() => scene.close()); // should it fail
    const { lab } = scene;
    const flow = await lab.flow();
    for (const [dead, alive] of [
      ['cable', 'fibre'],
      ['fibre', 'cable'],
    ] as const) {
      const at = await lab.cut(dead);
      await scene.until(() => scene.isNow(dead, 'unreliable'), `${dead} found dead`);
      await scene.carries(alive);
      assert.equal((await scene.path(alive)).health, 'reliable');
      const unreliable = (await scene.decisions()).filter(
        (decision) => decision.at >= at && decision.kind === 'health' && decision.provider === alive,
      );
      assert.deepEqual(unreliable, [], `${alive} was not in doubt`);
      const { longestMs } = await flow.settled(at);
      assert.ok(longestMs < 3000, `the flow was out for ${longestMs} ms`);
      await scene.calm();
    }
    await scene.close();
  });
}
