/** The round-trip times in a window are those of the line: neither starting nor waiting for a processor shows in them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { families } from '../../models/path.ts';
import type { Stored } from '../../src/daemon/stored.ts';
import { openScene, Scene } from './scene.ts';

const scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1' },
    { name: 'far', device: 'tun2', kind: 'tun', delayMs: 40 },
  ],
});
after(() => scene.close());
const { lab } = scene;
const config = join(lab.folder, 'config.json');
const folder = join(lab.folder, 'state');

let current = scene.daemon;

/** A daemon that knows nothing of an earlier one, which is stopped. */
async function start(): Promise<Scene> {
  if (current.exitCode === undefined) await current.stop();
  await rm(folder, { recursive: true, force: true });
  current = await lab.daemon({ config });
  const started = new Scene(lab, current);
  const answers = async () => (await started.see().catch(() => undefined))?.pid === started.daemon.pid;
  await started.until(answers, 'the control socket');
  return started;
}

/** The RTTs that the last daemon kept of fibre, ms. */
function stored(): number[] {
  const { memory } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as Stored; // our own file
  const paths = memory?.paths.filter(({ key }) => key.startsWith('fibre/')) ?? [];
  return paths.flatMap(({ samples }) => samples.flatMap(({ rttMs }) => rttMs ?? []));
}

for (const [sockets, groups] of [
  ['ping sockets', '0 2147483647'],
  ['raw sockets', '1 0'],
] as const)
  test(`five starts leave no trace in the RTT and jitter of a line, by ${sockets}`, async (t) => {
    await lab.run('router', ['tee', '/proc/sys/net/ipv4/ping_group_range'], groups);
    for (let run = 1; run <= 5; run += 1) {
      const started = await start();
      assert.equal((await started.see()).probing.means, sockets);
      for (const family of families) {
        await started.until(async () => (await started.path('fibre', family)).samples >= 10, '10 checks');
        const { rttMs = Number.NaN, jitterMs = Number.NaN, packets } = await started.path('fibre', family);
        assert.equal(packets?.lost, 0);
        assert.ok(
          rttMs < 1 && jitterMs < 1,
          `start ${run}, IPv${family}: RTT ${rttMs}, jitter ${jitterMs} ms`,
        );
      }
      await started.daemon.stop();
      t.diagnostic(`start ${run}: at most ${Math.max(...stored()).toFixed(2)} ms`);
    }
  });

test('a daemon that is stopped for half of the time measures what it measured before', async (t) => {
  await lab.run('router', ['tee', '/proc/sys/net/ipv4/ping_group_range'], '0 2147483647');
  const stopped = await start();
  const { daemon } = stopped;
  for (let i = 0; i < 40; i += 1) {
    process.kill(daemon.pid, 'SIGSTOP');
    await sleep(70 + (i % 7) * 10);
    process.kill(daemon.pid, 'SIGCONT');
    await sleep(70 + (i % 5) * 10);
  }
  for (const family of families) {
    const { rttMs = Number.NaN, jitterMs = Number.NaN, samples } = await stopped.path('far', family);
    t.diagnostic(
      `IPv${family}: RTT ${rttMs.toFixed(1)} ms, jitter ${jitterMs.toFixed(1)} ms of ${samples} checks`,
    );
    assert.ok(samples >= 20, `${samples} checks`);
    assert.ok(rttMs > 35 && rttMs < 50 && jitterMs < 10, `RTT ${rttMs}, jitter ${jitterMs} ms`); // it was about 70 and 35
  }
});
