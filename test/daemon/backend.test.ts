import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelNote } from '../../models/event.ts';
import type { KernelRoutes } from '../../models/route.ts';
import { openBackend } from '../../src/daemon/backend.ts';
import { run } from '../../src/kernel/exec.ts';
import { ip } from '../support/ip.ts';

const routes: KernelRoutes = {
  routes: [
    {
      ...{ family: 4, table: 101, dst: 'default', metric: 7, type: 'unreachable' },
      ...{ src: undefined, onlink: false, gateway: undefined, dev: undefined },
    },
  ],
  rules: [],
};

test('removeAll() takes everything of ours away, and says what is left when it cannot', async (t) => {
  const notes: KernelNote[] = [];
  const sinks = { links: () => undefined, trouble: () => undefined };
  const backend = openBackend(
    (note) => notes.push(note),
    sinks,
    () => ({ multipath: 'resilient', providers: [] }),
  );
  t.after(() => backend.close());
  await backend.reconciler.apply(routes);
  assert.match(await ip('route show table 101'), /^unreachable default/);
  assert.equal(await backend.removeAll(), undefined);
  assert.equal(await ip('route show table all proto 77'), '');

  await backend.reconciler.apply(routes);
  const path = process.env['PATH'];
  const children = await run('pgrep', ['-P', `${process.pid}`, '-x', 'ip']);
  process.env['PATH'] = '/nowhere';
  t.after(() => {
    process.env['PATH'] = path;
  });
  for (const pid of children.stdout.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
  await assert.rejects(backend.removeAll(), /ip/);
  assert.ok(notes.some(({ kind }) => kind === 'failed'));
});
