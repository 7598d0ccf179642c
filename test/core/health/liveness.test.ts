import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../models/config.ts';
import type { TestResult } from '../../../models/test-result.ts';
import { neverAnsweredReason, noteCheck, noteLate, outageMs } from '../../../src/core/health/liveness.ts';
import { PathState } from '../../../src/core/state/state.ts';
import { check, exampleConfig, exampleProvider, failed, late, passed, start } from '../example.ts';

const config = exampleConfig();

function path(): PathState {
  return new PathState(exampleProvider(0), 4, config);
}

/** Notes checks started at these times (ms), each passed or failed. */
function note(to: PathState, results: readonly [number, boolean][], by: Config = config): PathState {
  for (const [at, ok] of results) noteCheck(to, check('fibre/4', at, ok ? passed() : failed()), by);
  return to;
}

test('noteCheck() goes from unknown to up, doubt, down and back', () => {
  const p = path();
  assert.equal(p.liveness, 'unknown');
  assert.equal(note(p, [[0, true]]).liveness, 'up');
  assert.equal(note(p, [[1000, false]]).liveness, 'doubt');
  assert.equal(note(p, [[1950, false]]).liveness, 'doubt');
  assert.equal(note(p, [[1999, false]]).liveness, 'doubt', 'one millisecond short of minOutage');
  assert.equal(note(p, [[2000, false]]).liveness, 'down');
  assert.equal(outageMs(p), 1000);
  assert.equal(note(p, [[2050, true]]).liveness, 'up');
  assert.equal(outageMs(p), 0);
});

test('noteCheck() needs more than maxConsecutiveFailedChecks failures, however long they take', () => {
  const p = note(path(), [[0, true]]);
  noteCheck(p, check('fibre/4', 1000, failed(), 1950), config);
  note(p, [[3000, false]]);
  assert.equal(p.liveness, 'doubt', 'two failures, limit 2');
  assert.equal(note(p, [[3050, false]]).liveness, 'down');
});

test('noteCheck() does not count as outage a time in which nobody looked', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
  ]);
  noteCheck(p, check('fibre/4', 1100, { ok: false, code: 'not-run', reason: 'stood still' }, 20_000), config);
  note(p, [
    [21_100, false],
    [21_150, false],
  ]);
  assert.equal(p.liveness, 'doubt', 'three failures, but only 0.1 s of silence seen');
  assert.equal(outageMs(p), 100);
  assert.ok(p.penalty < 1, `a penalty of ${p.penalty}`);
  assert.equal(note(p, [[21_900, false]]).liveness, 'doubt');
  assert.equal(note(p, [[22_050, false]]).liveness, 'down', '1 s of it');
});

test('noteCheck() takes no time in which nobody looked for the rest of a short outage', () => {
  const outage: [number, boolean][] = [
    [0, true],
    [1000, false],
    [1050, false],
  ];
  const asleep = note(path(), [...outage, [21_100, true]]);
  assert.ok(asleep.penalty < 1, `a penalty of ${asleep.penalty}, and it slept for 20 s`);
  const seen = note(path(), [...outage, [1900, true]]);
  assert.ok(seen.penalty > asleep.penalty, 'a round that began 0.85 s later counts');
});

test('noteLate() after a time in which nobody looked does not bring that time back', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [1100, false],
    [21_000, false],
  ]);
  noteLate(p, late('fibre/4', 1000, 20_100), config);
  assert.equal(p.consecutiveFailed, 2);
  assert.equal(note(p, [[21_050, false]]).liveness, 'doubt');
});

test('noteCheck() doubts a path that never passed, and calls it down after minOutage', () => {
  const p = note(path(), [[0, false]]);
  assert.equal(p.liveness, 'doubt');
  assert.equal(
    note(p, [
      [500, false],
      [1000, false],
    ]).liveness,
    'down',
  );
});

test("noteCheck() is S3's formula with maxConsecutiveFailedChecks 0 and minOutage 0", () => {
  const s3 = exampleConfig({ maxConsecutiveFailedChecks: 0, minOutageMs: 0 });
  assert.equal(note(path(), [[0, true]], s3).liveness, 'up');
  assert.equal(note(path(), [[0, false]], s3).liveness, 'down');
});

test('noteCheck() learns nothing from checks that could not be made but that they could not', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
  ]);
  const notRun: TestResult = { ok: false, code: 'not-run', reason: 'no such device' };
  for (const at of [1050, 2500, 4000]) noteCheck(p, check('fibre/4', at, notRun), config);
  assert.equal(p.liveness, 'doubt');
  assert.equal(p.consecutiveFailed, 1);
  assert.equal(p.window.samples, 2);
  assert.equal(p.notRun, 'no such device');
  assert.equal(note(p, [[4050, true]]).notRun, undefined);
});

test('noteCheck() keeps one sample per interval, and counts only those as successes in a row', () => {
  const p = path();
  for (let at = 0; at <= 1000; at += 50) note(p, [[at, true]]);
  assert.equal(p.window.samples, 2, 'those that started at 0 and at 850');
  assert.equal(p.consecutiveSucceeded, 2);
  note(p, [[1100, false]]);
  assert.equal(p.consecutiveSucceeded, 0, 'a failure counts whether stored or not');
  assert.equal(p.window.failed, 0);
});

test('noteLate() to the only failed check takes the doubt back', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
  ]);
  assert.equal(p.window.failed, 1);
  noteLate(p, late('fibre/4', 1000, 120), config);
  assert.equal(p.liveness, 'up');
  assert.equal(p.consecutiveFailed, 0);
  assert.equal(p.failedSince, undefined);
  assert.equal(p.window.failed, 0);
});

test('noteLate() proves that the outage began later, and delays the verdict', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [1050, false],
    [1500, false],
  ]);
  noteLate(p, late('fibre/4', 1050, 700), config);
  assert.equal(p.liveness, 'doubt');
  assert.equal(p.consecutiveFailed, 1, 'those before it count no more');
  note(p, [
    [2000, false],
    [2400, false],
  ]);
  assert.equal(p.liveness, 'doubt', 'nothing got through since 1500 only');
  assert.equal(note(p, [[2500, false]]).liveness, 'down');
});

test('noteLate() to a check of a run that has ended changes only the window', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [1050, true],
    [2000, false],
  ]);
  noteLate(p, late('fibre/4', 1000, 900), config);
  assert.equal(p.liveness, 'doubt');
  assert.equal(p.consecutiveFailed, 1);
  assert.equal(p.window.failed, 1);
});

test('noteLate() to an early check of a long outage leaves a path that is down, down', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [1500, false],
    [2000, false],
  ]);
  noteLate(p, late('fibre/4', 1000, 1200), config);
  assert.equal(p.liveness, 'down');
  noteLate(p, late('fibre/4', 2000, 900), config);
  assert.equal(p.liveness, 'up', 'the latest check got through');
});

test('noteCheck() adds the length of an outage to the penalty, from its second failure on: lone losses are no flaps', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [1050, true],
    [2000, false],
    [2050, true],
  ]);
  assert.equal(p.penalty, 0);
  note(p, [
    [3000, false],
    [3050, false],
  ]);
  assert.ok(Math.abs(p.penalty - (0.5 + 0.05)) < 0.001, 'half a check interval unseen, and 50 ms seen');
  note(p, [[3500, false]]);
  assert.ok(p.penalty > 0.9 && p.penalty < 1, `${p.penalty}: 500 ms seen, a little decayed`);
  note(p, [[4000, false]]);
  assert.equal(p.liveness, 'down');
  const { penalty } = p;
  note(p, [[5000, false]]);
  assert.equal(p.penalty, penalty, 'being down is no flapping');
});

test('noteCheck() watches more closely for a while after a doubt that passed', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [1050, true],
  ]);
  assert.equal(p.pacing.closeWatchUntil, check('fibre/4', 1050).at + 5000);
});

test('noteCheck() remembers a bounded number of failures in an endless outage', () => {
  const p = path();
  for (let i = 0; i < 1000; i += 1) note(p, [[i * 1000, false]]);
  assert.equal(p.failedStarts.length, 64);
  assert.equal(p.consecutiveFailed, 1000);
  assert.equal(outageMs(p), 999_000);
});

test('muteReason() takes two failed checks or 0.65 s, of a path through which nothing has got yet', () => {
  const mute = (results: readonly [number, boolean][], now: number, p = path()): string | undefined =>
    neverAnsweredReason(note(p, results), start + now);
  assert.equal(mute([[0, false]], 649), undefined);
  assert.equal(mute([[0, false]], 650), 'no answer');
  const two = [
    [0, false],
    [60, false],
  ] as const;
  assert.equal(
    mute(
      two.map(([at, ok]) => [at, ok]),
      100,
    ),
    'no answer',
  );
  assert.equal(
    mute(
      [
        [0, true],
        [1000, false],
        [1050, false],
      ],
      3000,
    ),
    undefined,
    'something got through',
  );
  assert.equal(
    mute(
      [
        [0, false],
        [60, false],
        [120, true],
      ],
      3000,
    ),
    undefined,
  );
  const known = { ...path(), health: 'reliable' } as const;
  assert.equal(
    mute(
      [
        [0, false],
        [60, false],
      ],
      3000,
      known,
    ),
    undefined,
    'as an earlier run knew it',
  );
});

test('noteCheck() drops the samples of an outage that was judged, once a check passes', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [1050, true],
  ]);
  for (let at = 2000; at < 62_000; at += 1000) note(p, [[at, false]]);
  assert.equal(p.window.failed, 50);
  note(p, [[62_000, true]]);
  assert.deepEqual(
    [p.window.samples, p.window.failed],
    [1, 0],
    'what came before has left the window by itself',
  );
  assert.equal(p.consecutiveSucceeded, 1);
});

test('noteCheck() keeps what failed before the outage, and a stall that was not judged', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [2000, true],
    [3000, false],
    [3050, false],
    [4000, false],
  ]);
  assert.equal(p.liveness, 'down');
  note(p, [[4050, true]]);
  assert.deepEqual([p.window.samples, p.window.failed], [4, 1]);
  note(p, [
    [5000, false],
    [5500, true],
  ]);
  assert.equal(p.window.failed, 2);
});

test('noteLate() to the latest check of an outage drops the samples before it', () => {
  const p = note(path(), [
    [0, true],
    [1000, false],
    [2000, false],
    [3000, false],
  ]);
  noteLate(p, late('fibre/4', 3000, 900), config);
  assert.equal(p.liveness, 'up');
  assert.deepEqual(
    p.window.toSamples().map(({ rttMs }) => rttMs),
    [10, 900],
  );
});

const stalled: TestResult = { ok: false, code: 'stalled', reason: 'this process stood still for 0.4 s' };

test('noteCheck() takes a silence for an outage after five stalls in a row: not every answer can have been missed', () => {
  const p = note(path(), [[0, true]]);
  let at = 1000;
  for (; p.liveness !== 'down' && at < 60_000; at += 460)
    noteCheck(p, check('fibre/4', at, stalled, 400), config);
  assert.ok(at >= 1000 + 8 * 460 && at < 6000, `down after ${at - 1000} ms`);
});

test('noteCheck() does so although gaps of more than an interval lie between the checks', () => {
  const fast = exampleConfig({ checkIntervalMs: 100, minOutageMs: 300 });
  const p = note(path(), [[0, true]], fast);
  let at = 1000;
  for (; p.liveness !== 'down' && at < 60_000; at += 460)
    noteCheck(p, check('fibre/4', at, failed(), 5), fast);
  assert.ok(at < 6000, `down after ${at - 1000} ms`);
});

test('noteCheck() excuses any number of stalls of which each check that follows passes', () => {
  const p = note(path(), [[0, true]]);
  for (let at = 1000; at < 60_000; at += 1000) {
    noteCheck(p, check('fibre/4', at, stalled, 400), config);
    note(p, [[at + 500, true]]);
  }
  assert.equal(p.window.failed, 0);
  assert.equal(p.liveness, 'up');
});
