/** `reaction: 'fast'` without a ping: deadlines that fit it, though a page takes several round trips. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { families } from '../../models/path.ts';
import { startInside } from '../../src/lab/namespace.ts';
import { nodeCommand } from '../../src/process/program.ts';
import { openScene } from './scene.ts';

const servers: { kill(signal: 'SIGKILL'): boolean }[] = [];
const scene = await openScene({
  settings: { checkInterval: undefined, minOutage: undefined, reaction: 'fast' },
  config: (lab) =>
    lab.config({ testScenarios: [{ http: 'http://1.1.1.1/' }, { http: 'http://[2606:4700:4700::1111]/' }] }),
  prepare: async () => {
    const portal = nodeCommand(new URL('./portal.ts', import.meta.url).pathname);
    const server = startInside('internet', [...portal, '::ffff:1.1.1.1', '2606:4700:4700::1111']);
    servers.push(server);
    await once(server.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
  },
});
after(async () => {
  for (const server of servers) server.kill('SIGKILL');
  await scene.close();
});

test('a dead line is noticed by pages alone, each given no longer than minOutage', async (t) => {
  const at = await scene.lab.cut('fibre');
  await scene.carries('cable');
  for (const family of families) {
    const moved = (await scene.decisions()).find(
      (one) => one.kind === 'switch' && one.family === family && one.at >= at,
    );
    t.diagnostic(`IPv${family}: ${Math.round((moved?.at ?? 0) - at)} ms after the cut`);
    assert.match(moved?.reason ?? '', /timed out after 3\d\d ms while connecting/);
  }
});
