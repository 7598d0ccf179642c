import { setTimeout as sleep } from 'node:timers/promises';
import { createCrowd } from '../crowd.ts';
import { type CrowdDaemon, startCrowdDaemon } from '../crowd-daemon.ts';
import { type Figure, median } from '../figures.ts';
import { pssOf } from '../pss.ts';
import { trace } from '../trace.ts';

const providers = 256;
const seconds = Number(process.env['FAILOVER_GROWTH_SECONDS'] ?? 20 * 60);
const settleSeconds = Math.min(60, seconds / 4); // for the engine to compile, and for windows to fill
const looks = 40;

interface Look {
  readonly heapMb: number; // after a collection
  readonly pssMb: number;
  readonly descriptors: number;
}

/**
 * 256 providers whose three targets are all probed every second, for 20 minutes, while one provider after
 * another dies for a moment: nothing may grow.
 */
export async function growth() {
  const crowd = await createCrowd(providers);
  try {
    const daemon = await startCrowdDaemon(crowd, { requiredSuccessful: 'all' });
    await sleep(settleSeconds * 1000);
    const [began, before] = [performance.now(), await crowd.echoes()];
    const seen = [await look(daemon)];
    for (let i = 1; i <= looks; i += 1) {
      const index = (i * 7) % providers;
      await crowd.setDead(index, true);
      await sleep((seconds * 1000) / looks / 2);
      await crowd.setDead(index, false);
      await sleep((seconds * 1000) / looks / 2);
      seen.push(await look(daemon));
    }
    const perSecond = (1000 * ((await crowd.echoes()) - before)) / (performance.now() - began);
    const { paths } = await daemon.snapshot();
    const living = paths.filter(({ liveness }) => liveness === 'up').length;
    await daemon.stop();
    return { result: figures(seen, perSecond, living), withoutDefaultMs: 0 };
  } finally {
    await crowd.close();
  }
}

async function look(daemon: CrowdDaemon): Promise<Look> {
  const { heapMb } = await daemon.observe('heap');
  const seen = { heapMb, pssMb: pssOf(daemon.pid), descriptors: daemon.descriptors() };
  trace(JSON.stringify(seen));
  return seen;
}

function figures(seen: readonly Look[], perSecond: number, living: number): Figure[] {
  const quarter = Math.max(1, Math.floor(seen.length / 4));
  const first = (of: (look: Look) => number): number => median(seen.slice(0, quarter).map(of));
  const last = (of: (look: Look) => number): number => median(seen.slice(-quarter).map(of));
  const growth = (of: (look: Look) => number): number => last(of) / first(of);
  const descriptors = (look: Look): number => look.descriptors;
  const over = `${providers} providers × 3 targets for ${Math.round(seconds / 60)} min`;
  return [
    {
      what: `${over}: echoes`,
      unit: 'a second',
      values: [perSecond],
      target: providers * 3 * 0.95,
      atLeast: true,
    },
    {
      what: `${over}: providers that pass their checks at the end`,
      unit: 'times',
      values: [living],
      target: providers,
      atLeast: true,
    },
    { what: `${over}: heap after a collection`, unit: 'MB', values: seen.map(({ heapMb }) => heapMb) },
    {
      what: `${over}: heap, last quarter : first quarter`,
      unit: '×',
      values: [growth(({ heapMb }) => heapMb)],
      target: 1.05,
    },
    { what: `${over}: memory (PSS)`, unit: 'MB', values: seen.map(({ pssMb }) => pssMb) },
    {
      what: `${over}: memory (PSS), last quarter : first quarter`,
      unit: '×',
      values: [growth(({ pssMb }) => pssMb)],
      target: 1.1,
    },
    {
      what: `${over}: open descriptors, last quarter less first`,
      unit: 'times',
      values: [last(descriptors) - first(descriptors)],
      target: 0,
    },
  ];
}
