import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Property, type Times } from './judge.ts';
import type { Observed } from './observed.ts';
import { type Spell, Truth } from './truth.ts';

const times: Times = { minOutageMs: 1000, checkIntervalMs: 1000 };
const [fibre, cable] = [0, 1];

/** A minute on the first of two lines, unless it is said otherwise. */
function run(spells: readonly Spell[], changes: Partial<Observed> = {}): Observed {
  return {
    forMs: 60_000,
    lines: ['fibre', 'cable'],
    truth: new Truth([1, 1], spells),
    active: [{ atMs: 0, line: fibre, foreign: false }],
    switches: [],
    verdicts: [],
    absences: [],
    gaps: [],
    left: [],
    decisions: [],
    echoes: 0,
    busiestMinute: 0,
    ...changes,
  };
}

function dead(line: number, fromMs: number, toMs: number): Spell {
  return { line, fromMs, toMs, share: 0, obstacle: false };
}

function moved(atMs: number, from = fibre, to = cable): Partial<Observed> {
  return {
    active: [
      { atMs: 0, line: from, foreign: false },
      { atMs, line: to, foreign: false },
    ],
    switches: [{ atMs, from, to, reason: '' }],
  };
}

function violated(observed: Observed): Property[] {
  return judge(observed, times).violations.map(({ property }) => property);
}

test('judge() finds nothing wrong with a run in which nothing happened', () => {
  const { availability, possible, ideal, violations } = judge(run([]), times);
  assert.deepEqual({ availability, possible, ideal }, { availability: 1, possible: 1, ideal: 1 });
  assert.deepEqual(violations, []);
});

test('judge() blames the time on a dead line beyond minOutage and 1.6 intervals while another passes', () => {
  const spells = [dead(fibre, 20_000, 30_000)];
  assert.equal(judge(run(spells), times).deadMs, 7400);
  assert.equal(judge(run(spells, moved(22_500)), times).deadMs, 0);
  assert.deepEqual(violated(run(spells)), ['dead line']);
});

test('judge() blames nobody while no line passes, the daemon does not run, or a foreign route prevails', () => {
  const spells = [dead(fibre, 20_000, 30_000)];
  assert.deepEqual(violated(run([...spells, dead(cable, 20_000, 29_000)])), []);
  assert.deepEqual(violated(run(spells, { absences: [{ fromMs: 19_000, toMs: 29_000 }] })), []);
  assert.deepEqual(violated(run(spells, { active: [{ atMs: 0, line: fibre, foreign: true }] })), []);
});

test('judge() compares with an ideal detector, which tolerates minOutage and needs half an interval more', () => {
  const { availability, ideal, possible } = judge(run([dead(fibre, 20_000, 30_000)], moved(22_000)), times);
  const judgedMs = 50_000; // the first 10 s do not count
  assert.ok(Math.abs(availability - (1 - 2000 / judgedMs)) < 1e-9, `${availability}`);
  assert.ok(Math.abs(ideal - (1 - 1500 / judgedMs)) < 1e-9, `${ideal}`);
  assert.equal(possible, 1);
});

test('judge() calls a switch needless that leaves a line that was fine, or reaches a worse one', () => {
  assert.deepEqual(violated(run([], moved(30_000))), ['needless switch']);
  assert.deepEqual(violated(run([dead(fibre, 27_000, 29_500)], moved(30_000))), []);
  assert.deepEqual(violated(run([dead(fibre, 20_000, 22_500)], moved(30_000))), []); // three quarters passed
  const lossy: Spell = { line: cable, fromMs: 1000, toMs: 50_000, share: 0.6, obstacle: false };
  const slightlyLossy: Spell = { ...lossy, line: fibre, share: 0.85 };
  assert.deepEqual(violated(run([lossy, slightlyLossy], moved(40_000))), ['needless switch']);
  assert.deepEqual(violated(run([], moved(40_000, cable, fibre))), []); // back to the preferred one
  const preferred: Spell = { ...lossy, line: fibre };
  assert.deepEqual(violated(run([preferred], moved(40_000, cable, fibre))), ['needless switch']);
});

test('judge() counts the time in which a line was called unreliable although it had been fine for a minute', () => {
  const verdicts = [{ atMs: 21_000, line: fibre, health: 'unreliable' }];
  const misjudgedMs = (changes: Partial<Observed>): number =>
    judge(run([dead(fibre, 20_000, 30_000)], { forMs: 200_000, verdicts, ...changes }), times).misjudgedMs;
  assert.equal(misjudgedMs({}), 110_000);
  assert.equal(
    misjudgedMs({ verdicts: [...verdicts, { atMs: 95_000, line: fibre, health: 'reliable' }] }),
    5000,
  );
});

test('judge() reports instants without a route and what was left', () => {
  const observed = run([], { gaps: [{ atMs: 20_000, ms: 12 }], left: ['fibre/4 is unreliable'] });
  assert.deepEqual(violated(observed), ['no route', 'left over']);
  assert.equal(judge(observed, times).withoutRouteMs, 12);
});
