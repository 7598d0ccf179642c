import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addSample,
  deadlineMs,
  type RttEstimate,
  severalTripsMs,
} from '../../../src/probes/rounds/rtt-estimator.ts';

const learned = (...rttsMs: number[]) => rttsMs.reduce<RttEstimate | undefined>(addSample, undefined);
const usual = { checkIntervalMs: 1000, checkTimeoutMs: 1000 };

test('addSample() follows RFC 6298 2.2 and 2.3', () => {
  assert.deepEqual(learned(80), { srttMs: 80, rttvarMs: 40 });
  assert.deepEqual(learned(80, 160), { srttMs: 90, rttvarMs: 50 });
  assert.deepEqual(learned(80, 160, 90), { srttMs: 90, rttvarMs: 37.5 });
});

for (const [title, estimate, limits, expected] of [
  ['is 0.7 s as long as nothing was answered', undefined, usual, 700],
  ['is never more than checkTimeout', undefined, { ...usual, checkTimeoutMs: 300 }, 300],
  ['is srtt + 4 rttvar', learned(80), usual, 240],
  ['is at least 50 ms', learned(1, 1, 1, 1), usual, 50],
  ['is at least half an interval under 100 ms', learned(0.1), { ...usual, checkIntervalMs: 20 }, 10],
  ['is at most checkTimeout', learned(900), usual, 1000],
  ['is at most a checkTimeout under 50 ms', learned(1), { ...usual, checkTimeoutMs: 20 }, 20],
] as const)
  test(`deadlineMs() ${title}`, () => assert.equal(deadlineMs(estimate, limits), expected));

test('deadlineMs() never leaves its limits, and comes to cover a steady RTT', () => {
  const rtts = fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(rtts, fc.integer({ min: 1, max: 900 }), (before, steadyMs) => {
      const first = learned(...before);
      assert.ok(deadlineMs(first, usual) >= 50 && deadlineMs(first, usual) <= 1000);
      const later = Array.from({ length: 200 }, () => steadyMs).reduce<RttEstimate | undefined>(
        addSample,
        first,
      );
      const deadline = deadlineMs(later, usual);
      assert.ok(deadline >= steadyMs && deadline <= Math.max(50, steadyMs * 1.01), `${deadline}`);
    }),
  );
});

test('severalTripsMs() is between half of checkTimeout and all of it', () => {
  const bounds = { checkTimeoutMs: 1000, minOutageMs: 1000 };
  assert.equal(severalTripsMs(undefined, bounds), 1000);
  assert.equal(severalTripsMs(learned(80), bounds), 500);
  assert.equal(severalTripsMs(learned(200), bounds), 600);
  assert.equal(severalTripsMs(learned(500), bounds), 1000);
});

test('severalTripsMs() is no more than minOutage where answers come sooner, and at least 0.1 s', () => {
  const fast = { checkTimeoutMs: 1000, minOutageMs: 300 };
  assert.equal(severalTripsMs(undefined, fast), 1000);
  assert.equal(severalTripsMs(learned(20), fast), 300);
  assert.equal(severalTripsMs(learned(200), fast), 600);
  assert.equal(severalTripsMs(learned(20), { ...fast, minOutageMs: 0 }), 100);
  assert.equal(severalTripsMs(learned(20), { ...fast, checkTimeoutMs: 150 }), 75);
});
