import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compressed, compressedSettings, compressedTimes } from '../chaos/compressed.ts';
import { judge, type Violation } from '../chaos/judge.ts';
import { playInLab } from '../chaos/lab-player.ts';
import { spellTotals, timeline, totalsOf } from '../chaos/report.ts';

const schedule = compressed(5, 3); // this seed has every kind of fault
const busyMs = 2500; // a detection may take so much longer where several tests share two processors

const { observed, flow, died } = await playInLab(schedule, {
  settings: compressedSettings,
  startMetric: 100,
});
const judgement = judge(observed, { ...compressedTimes, slackMs: busyMs });

function violations(property: Violation['property']): string[] {
  return judgement.violations
    .filter((each) => each.property === property)
    .map((violation) => timeline(schedule, observed, violation));
}

test('three minutes of faults: the daemon ends only when it is killed', () => {
  assert.deepEqual(died, []);
});

test('three minutes of faults: there is no instant without a default route that could have been there', () => {
  assert.equal(violations('no route').join('\n'), '');
});

test('three minutes of faults: traffic does not stay on a dead line while another passes', () => {
  assert.equal(violations('dead line').join('\n'), '');
});

test('three minutes of faults: then all is as it was, and nothing is left when it stops', () => {
  assert.equal(violations('left over').join('\n'), '');
});

test('three minutes of faults: nearly as much gets through as with an ideal detector', (t) => {
  const totals = totalsOf([judgement]);
  const words = `${spellTotals(totals)}\nlost ${flow.lost} of ${flow.sent} datagrams`;
  t.diagnostic(`npm run soak -- --minutes 3 --seed ${schedule.seed}\n${words}`);
  for (const needless of violations('needless switch')) t.diagnostic(needless);
  assert.ok(totals.ofIdeal > 0.9, words); // of compressed time, a detection is a large part
});
