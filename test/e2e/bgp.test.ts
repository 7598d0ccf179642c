import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { families } from '../../models/path.ts';
import { openScene, type Scene } from './scene.ts';

const scene: Scene = await openScene();
after(() => scene.close());
beforeEach(() => scene.calm());

/** A prefix per number below 2^20, none of them in use in the lab. */
const prefix = (n: number): string => `${20 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.0/24`;
const tableSize = 100_000;

/** From the fault to the daemon's decision, ms; median of three. */
async function failoverMs(fault: 'cut' | 'carrier'): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const at = await (fault === 'cut' ? scene.lab.cut('fibre') : scene.lab.carrier('fibre', false));
    await scene.carries('cable');
    const moves = (await scene.decisions()).filter((other) => other.kind === 'switch' && other.at >= at);
    times.push((moves[0]?.at ?? Number.POSITIVE_INFINITY) - at);
    await scene.calm();
  }
  return times.sort((a, b) => a - b)[1] ?? Number.POSITIVE_INFINITY;
}

let empty = { cut: 0, carrier: 0 };

test('decisions with an empty table, to compare with', async () => {
  empty = { cut: await failoverMs('cut'), carrier: await failoverMs('carrier') };
  assert.ok(empty.cut < 2000, `${empty.cut} ms`);
  assert.ok(empty.carrier < 500, `${empty.carrier} ms`);
});

test('100,000 routes of BGP in main do not slow a decision', async (t) => {
  const routes = Array.from(
    { length: tableSize },
    (_, n) => `route add ${prefix(n)} via 10.10.2.254 proto bgp`,
  );
  await scene.lab.run('router', ['ip', '-batch', '-'], `${routes.join('\n')}\n`);
  await scene.calm();
  const full = { cut: await failoverMs('cut'), carrier: await failoverMs('carrier') };
  t.diagnostic(`cut ${empty.cut} → ${full.cut} ms, carrier ${empty.carrier} → ${full.carrier} ms`);
  assert.ok(full.cut < empty.cut * 2 + 300, `${full.cut} ms instead of ${empty.cut} ms`);
  assert.ok(full.carrier < empty.carrier * 2 + 300, `${full.carrier} ms instead of ${empty.carrier} ms`);
});

test('BGP churn disturbs nothing, and a failover during it is as fast', async (t) => {
  const watch = await scene.lab.watchRoutes();
  const began = Date.now();
  const churn = Array.from({ length: 2000 }, (_, n) => [
    `route del ${prefix(n)}`,
    `route add ${prefix(n)} via 10.10.2.254 proto bgp`,
  ]).flat();
  const batch = `${churn.join('\n')}\n`;
  let stopped = false;
  const churning = (async () => {
    for (let i = 0; i < 200 && !stopped; i++) await scene.lab.run('router', ['ip', '-batch', '-'], batch);
  })();
  await scene.until(() => Date.now() - began > 2000, 'two seconds of churn');
  await scene.assertUnmoved(began);
  const churned = await failoverMs('cut');
  stopped = true;
  await churning;
  t.diagnostic(`cut ${empty.cut} → ${churned} ms`);
  assert.ok(churned < empty.cut * 2 + 500, `${churned} ms instead of ${empty.cut} ms`);
  const report = await watch.stop();
  for (const family of families) assert.equal(report[family].withoutDefaultMs, 0);
  const notes = (await scene.decisions()).filter(({ at, kind }) => kind === 'kernel' && at >= began);
  assert.deepEqual(
    notes.filter(({ numbers }) => numbers['kind'] !== 'changed').map(({ sentence }) => sentence),
    [],
  );
});

test('all BGP routes are still there', async () => {
  const left = await scene.lab.run('router', ['ip', '-4', '-o', 'route', 'show', 'proto', 'bgp']);
  assert.equal(left.trim().split('\n').length, tableSize);
});
