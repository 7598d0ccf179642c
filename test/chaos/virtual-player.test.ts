import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate } from './generate.ts';
import { type Judgement, judge } from './judge.ts';
import type { Observed } from './observed.ts';
import { goals, spellTotals, timeline, totalsOf } from './report.ts';
import { type Schedule, seconds } from './schedule.ts';
import { configOf, playVirtually } from './virtual-player.ts';

const fixed = 30; // schedules of an hour each; `npm run chaos` plays a thousand
const random = 1_000_000 + Math.floor(Math.random() * 1e9);
const seeds = [...Array.from({ length: fixed }, (_, i) => i + 1), random];

interface Run {
  readonly schedule: Schedule;
  readonly observed: Observed;
  readonly judgement: Judgement;
}

const runs: Run[] = [];
for (const seed of seeds) {
  const schedule = generate(seed);
  const observed = await playVirtually(schedule);
  runs.push({ schedule, observed, judgement: judge(observed, configOf(schedule)) });
}
const totals = totalsOf(runs.map(({ judgement }) => judgement));

/** What happened around each violation of one kind, with the seed of its schedule. */
function violations(property: string): string[] {
  return runs.flatMap(({ schedule, observed, judgement }) =>
    judgement.violations
      .filter((violation) => violation.property === property)
      .map(
        (violation) =>
          `npm run chaos -- --schedules 1 --seed ${schedule.seed}\n${timeline(schedule, observed, violation)}`,
      ),
  );
}

test('an hour of faults is the same again from the same seed', async () => {
  const again = await playVirtually(generate(1));
  assert.deepEqual(again.decisions, runs[0]?.observed.decisions);
  assert.deepEqual(again.active, runs[0]?.observed.active);
});

test('hours of faults are survived nearly as well as by an ideal detector', (t) => {
  t.diagnostic(`seeds 1 to ${fixed} and ${random}:\n${spellTotals(totals)}`);
  assert.ok(totals.ofIdeal >= goals.ofIdeal, spellTotals(totals));
});

test('traffic never stays on a dead line for more than minOutage and 1.6 intervals while another passes', () => {
  assert.equal(totals.deadMs, 0, `${seconds(totals.deadMs)} too long\n${violations('dead line').join('\n')}`);
});

test('there is no instant without a default route that could have been there', () => {
  assert.deepEqual(violations('no route'), []);
});

test('when all faults have been over for some minutes, everything is as it was at the beginning', () => {
  assert.deepEqual(violations('left over'), []);
});

test('at most one switch an hour is needless', () => {
  const { needlessPerHour } = totals;
  assert.ok(
    needlessPerHour <= goals.needlessPerHour,
    `${needlessPerHour} an hour\n${violations('needless switch').join('\n')}`,
  );
});
