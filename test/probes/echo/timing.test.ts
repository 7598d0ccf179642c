import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EchoTimes, timed } from '../../../src/probes/echo/timing.ts';

const usual: EchoTimes = { elapsedMs: 20, sendMs: 0.02, waitedMs: 0.1, isFirst: false };

for (const [title, times, expected] of [
  ['subtracts what the answer waited', { waitedMs: 5 }, { rttMs: 15 }],
  ['may be next to nothing', { waitedMs: 19.95 }, { rttMs: 0.05 }],
  ['does not count for the first echoes', { waitedMs: 0, isFirst: true }, { rttMs: 20, untimed: true }],
  ['does not count when sending was held up', { waitedMs: 0, sendMs: 4 }, { rttMs: 20, untimed: true }],
  ['counts when that is little of it', { elapsedMs: 600, waitedMs: 0, sendMs: 4 }, { rttMs: 600 }],
  ['does not count when the clock was put back', { waitedMs: -3000 }, { rttMs: 20, untimed: true }],
  ['does not count when the clock was put forward', { waitedMs: 3e6 }, { rttMs: 20, untimed: true }],
  ['does not count when the kernel gives no time', { waitedMs: undefined }, { rttMs: 20, untimed: true }],
] as const)
  test(`the RTT of an echo ${title}`, () => {
    const { ok, rttMs, ...rest } = timed({ ...usual, ...times });
    assert.ok(ok);
    assert.deepEqual({ rttMs: Number(rttMs.toFixed(6)), ...rest }, expected);
  });
