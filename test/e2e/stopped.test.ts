import { after, beforeEach, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene, quick, type Scene } from './scene.ts';

// A round trip of 40 ms, so that a check is often under way when the daemon is stopped.
const scene: Scene = await openScene({
  isps: [
    { name: 'fibre', device: 'eth1', delayMs: 40 },
    { name: 'cable', device: 'eth2' },
  ],
  settings: { minOutage: '1s', rtt: { down: '200ms', up: '150ms' } },
});
after(() => scene.close());
beforeEach(() => scene.calm());

/** Stops the daemon as a debugger, a frozen control group or a starved machine would. */
async function stopFor(ms: number): Promise<void> {
  process.kill(scene.daemon.pid, 'SIGSTOP');
  await pause(ms);
  process.kill(scene.daemon.pid, 'SIGCONT');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a daemon that stood still takes its own sleep neither for an outage nor for a long round trip', async () => {
  const at = Date.now();
  for (const ms of [3000, 3100, 3200, 3300]) {
    await stopFor(ms);
    await pause(700);
  }
  await scene.assertUnmoved(at);
});

test('a daemon that stood still in doubt goes on with what it has seen', async () => {
  const at = Date.now();
  for (const ms of [3000, 3500]) {
    await scene.lab.cut('fibre');
    await scene.until(async () => (await scene.path('fibre')).liveness === 'doubt', 'doubt');
    const asleep = stopFor(ms);
    await scene.lab.heal('fibre');
    await asleep;
    await pause(700);
  }
  await scene.assertUnmoved(at);
});

test('a provider that dies while the daemon stands still is found dead afterwards', async () => {
  const asleep = stopFor(3000);
  await scene.lab.cut('fibre');
  await asleep;
  await scene.carries('cable');
});

test('a provider that dies while the daemon stands still, before its failback, gets no traffic back', async () => {
  const { lab } = scene;
  await lab.writeConfig(lab.config({ ...quick, failbackDelay: '3s' }));
  await lab.cut('fibre');
  await scene.carries('cable');
  await lab.heal('fibre');
  for (const family of families)
    await scene.until(() => scene.isNow('fibre', 'reliable', family), 'fibre reliable again');
  const at = Date.now();
  const asleep = stopFor(4500);
  await lab.cut('fibre');
  await asleep;
  await scene.until(() => scene.isNow('fibre', 'unreliable'), 'the verdict');
  await scene.assertUnmoved(at);
});

/** Lets the daemon run for `runMs` of each `everyMs` only, as on a starved machine, until the result is called. */
function starve(runMs: number, everyMs: number): () => Promise<void> {
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      await stopFor(everyMs - runMs);
      await pause(runMs);
    }
  };
  const running = run();
  return async () => {
    isOver = true;
    await running;
  };
}

for (const [runMs, everyMs] of [
  [60, 460],
  [80, 780],
] as const) {
  test(`a daemon that runs for ${runMs} of each ${everyMs} ms leaves a line that dies, and none that lives`, async () => {
    const at = Date.now();
    const feed = starve(runMs, everyMs);
    try {
      await pause(5000);
      await scene.assertUnmoved(at);
      await scene.lab.cut('fibre');
      await scene.carries('cable', undefined, 40_000);
    } finally {
      await feed();
    }
  });
}
