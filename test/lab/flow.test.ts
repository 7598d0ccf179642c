import '../support/own-network.ts';
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { summarise } from '../../src/lab/flow.ts';
import { createLab, type Lab } from '../../src/lab/lab.ts';

test('summarise() finds outages, also one that is not over', () => {
  const fates = [1, undefined, undefined, 1, 1, undefined];
  const datagrams = fates.map((rttMs, i) => ({ sentAt: i * 10, rttMs }));
  assert.deepEqual(summarise(datagrams, 10), {
    sent: 6,
    lost: 3,
    lostRatio: 0.5,
    outages: [
      { from: 10, ms: 20 },
      { from: 50, ms: 10 },
    ],
    longestMs: 20,
  });
});

test('summarise() of nothing knows no ratio', () => {
  assert.equal(summarise([], 10).lostRatio, undefined);
});

describe('measuring in a lab', () => {
  let lab: Lab | undefined;
  after(() => lab?.close());

  async function built(): Promise<Lab> {
    lab ??= await createLab({ isps: [{ name: 'fibre' }, { name: 'cable' }] });
    await lab.ip('route replace default via 10.10.1.254 dev eth1 metric 100');
    await lab.ip6('route replace default via 2001:db8:1::fe dev eth1 metric 100');
    return lab;
  }

  for (const family of [4, 6] as const) {
    test(`Flow measures an outage of 300 ms, IPv${family}`, async () => {
      const { cut, heal, flow } = await built().then((l) => ({
        cut: () => l.cut('fibre'),
        heal: () => l.heal('fibre'),
        flow: l.flow({ family }),
      }));
      const running = await flow;
      await sleep(200);
      const from = await cut();
      await sleep(300);
      const to = await heal();
      const during = await running.settled(from - 50);
      assert.ok(Math.abs(during.longestMs - (to - from)) < 150, `${during.longestMs} for ${to - from} ms`);
      assert.ok(Math.abs((during.outages[0]?.from ?? 0) - from) < 150);
      const calm = (await running.stop()).outages.filter(({ from: at }) => at < from - 100);
      assert.deepEqual(calm, []);
    });
  }

  test('Flow follows the routes of the moment', async () => {
    const l = await built();
    const flow = await l.flow();
    await l.cut('fibre');
    await sleep(200);
    await l.ip('route replace default via 10.10.2.254 dev eth2 metric 100');
    await l.waitFor(() => flow.report().sent > 40 && flow.report().outages.length === 1);
    const moved = performance.timeOrigin + performance.now();
    await sleep(200);
    assert.equal((await flow.settled(moved)).lost, 0);
    await flow.stop();
    await l.heal('fibre');
  });

  test('watchRoutes() sees the gap of delete and add, and none in a replace', async () => {
    const l = await built();
    const watch = await l.watchRoutes();
    await l.ip('route replace default via 10.10.2.254 dev eth2 metric 100');
    await l.waitFor(() => watch.report(4).switches === 1);
    assert.equal(watch.report(4).withoutDefaultMs, 0);
    await l.ip('route del default metric 100');
    await sleep(100);
    await l.ip('route add default via 10.10.1.254 dev eth1 metric 100');
    await l.waitFor(() => watch.report(4).switches === 2);
    const report = await watch.stop();
    assert.equal(report[4].gaps.length, 1);
    assert.ok(report[4].withoutDefaultMs > 80 && report[4].withoutDefaultMs < 400);
    const { changes, ...six } = report[6];
    assert.deepEqual(
      changes.map(({ device }) => device),
      ['eth1'],
      'that of the beginning',
    );
    assert.deepEqual(six, { withoutDefaultMs: 0, gaps: [], switches: 0, device: 'eth1' });
  });

  test('watchRoutes() sees that a link going down takes the default route in silence', async () => {
    const l = await built();
    const watch = await l.watchRoutes();
    await l.ip('link set eth1 down');
    await l.waitFor(() => watch.report(4).gaps.length === 1 && watch.report(6).gaps.length === 1);
    await l.recreateDevice('fibre');
    await l.ip('route add default via 10.10.1.254 dev eth1 metric 100');
    await l.waitFor(() => watch.report(4).device === 'eth1');
    assert.equal((await watch.stop())[4].gaps.length, 1);
  });
});
