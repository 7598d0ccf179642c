/** Which packets a round reports, and what became of them. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { http } from '../../../models/scenarios/http.ts';
import { ping } from '../../../models/scenarios/ping.ts';
import { targets, virtualLab } from '../virtual-lab.ts';

let lab = virtualLab();
lab.end();

beforeEach(() => {
  lab = virtualLab();
});
afterEach(() => lab.end());

function using(settings: Parameters<typeof virtualLab>[0]): void {
  lab.end();
  lab = virtualLab(settings);
}

/** The packets of each event: `'1.1.1.1 +'`, with the start of its round if that is another. */
const reported = (): string[][] =>
  lab
    .checks()
    .map(({ packets = [] }) =>
      packets.map(
        ({ target, answered, startedAt }) =>
          `${target.replace('ping ', '')} ${answered ? '+' : '-'}${startedAt === undefined ? '' : ` of ${startedAt}`}`,
      ),
    );

async function round(burst = false, ms = 1000): Promise<void> {
  lab.plan({ burst });
  await lab.pass(ms);
}

test('a round reports the packet it sends first, and none of those that follow because it was lost', async () => {
  await round();
  lab.behaviours.set('1.1.1.1', undefined);
  await round(false, 3000);
  assert.deepEqual(reported(), [['1.1.1.1 +'], ['1.1.1.1 -']]);
  assert.equal(lab.asked.length, 4);
});

test('a burst reports as many packets as a steady round would have sent', async () => {
  await round(true);
  assert.deepEqual(reported(), [['1.1.1.1 +']]);
  using({ requiredSuccessful: 2 });
  await round();
  await round(true);
  assert.deepEqual(reported(), [
    ['1.1.1.1 +', '8.8.8.8 +'],
    ['1.1.1.1 +', '8.8.8.8 +'],
  ]);
});

test('a packet whose fate is open when the round is decided is reported with the next event', async () => {
  await round(true);
  lab.behaviours.set('1.1.1.1', undefined);
  await round(true);
  lab.behaviours.delete('1.1.1.1');
  await round();
  assert.deepEqual(reported(), [['1.1.1.1 +'], [], ['1.1.1.1 - of 1000', '1.1.1.1 +']]);
});

test('an answer that comes too late, but before its packet is reported, makes it an answered one', async () => {
  for (let i = 0; i < 3; i += 1) await round(true, 100);
  lab.behaviours.set('1.1.1.1', 80); // its deadline is 50 ms
  await round(true, 200); // passes without it
  await round(false, 200);
  assert.deepEqual(reported().slice(3), [[], ['1.1.1.1 + of 300', '1.1.1.1 +']]);
  assert.deepEqual(lab.lates(), []);
});

test('an answer that comes after its packet was reported as lost is reported by itself', async () => {
  for (let i = 0; i < 3; i += 1) await round(true, 100);
  lab.behaviours.set('1.1.1.1', 80);
  await round(false, 200); // passes with the others, after 60 ms
  assert.deepEqual(reported().slice(3), [['1.1.1.1 -']]);
  assert.deepEqual(
    lab.lates().map(({ target, startedAt, at }) => [target, startedAt, at]),
    [['ping 1.1.1.1', 300, 380]],
  );
});

test('a late answer that changes nothing else is one of its packet only', async () => {
  using({ requiredSuccessful: 'all' });
  for (let i = 0; i < 3; i += 1) await round(true, 100);
  lab.behaviours.set('1.1.1.1', 80);
  lab.behaviours.set('8.8.8.8', undefined);
  await round(true, 400);
  const lates = lab.lates().map(({ target, ofPacketOnly }) => [target, ofPacketOnly]);
  assert.deepEqual(lates, [['ping 1.1.1.1', true]]);
});

test('what could not be sent, or not be waited for, is no packet', async () => {
  for (const code of ['not-run', 'stalled', 'unfinished'] as const) {
    lab.behaviours.set('1.1.1.1', { ok: false, code, reason: code });
    await round(false, 3000);
  }
  lab.behaviours.set('1.1.1.1', { ok: false, code: 'unreachable', reason: 'no route' });
  await round(false, 3000);
  assert.deepEqual(reported(), [[], [], [], ['1.1.1.1 -']]);
});

test('an echo to the gateway is no sample of the line while others go beyond it', async () => {
  using({ requiredSuccessful: 'all', testScenarios: [ping('gateway'), ping('1.1.1.1')] });
  await round();
  assert.deepEqual(reported(), [['1.1.1.1 +']]);
  using({ testScenarios: [ping('gateway')] });
  await round();
  assert.deepEqual(reported(), [['gateway +']]);
});

test('checks of several round trips report no packets', async () => {
  using({ testScenarios: [http(`http://${targets[0]}/`)] });
  await round(false, 2000);
  assert.equal(lab.checks().length, 1);
  assert.deepEqual(reported(), [[]]);
});
