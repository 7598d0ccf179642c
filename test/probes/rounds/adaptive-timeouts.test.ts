import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ping } from '../../../models/config.ts';
import { AdaptiveTimeouts } from '../../../src/probes/rounds/adaptive-timeouts.ts';

const [near, far] = [ping('1.1.1.1'), ping('9.9.9.9')];
const bounds = { scenarios: [near, far], checkIntervalMs: 1000, checkTimeoutMs: 1000, minOutageMs: 1000 };

function after(...took: readonly (readonly [ms: number, untimed?: boolean])[]): AdaptiveTimeouts {
  const timeouts = new AdaptiveTimeouts();
  for (const [ms, untimed] of took) timeouts.learn(near.name, ms, untimed);
  return timeouts;
}

test('a time that is not the line’s stands only until there is one that is', () => {
  assert.equal(after([90, true]).timeoutMs(near, bounds, 0), 270);
  assert.equal(after([90, true], [1]).timeoutMs(near, bounds, 0), 50);
  assert.equal(after([90, true], [20, true]).timeoutMs(near, bounds, 0), 60);
  assert.equal(after([20], [900, true]).timeoutMs(near, bounds, 0), 60);
});

test('a target without an answer gets as long as another of its kind', () => {
  assert.equal(after([40]).timeoutMs(far, bounds, 0), 120);
  assert.equal(after().timeoutMs(far, bounds, 0), 700);
});

test('keep() forgets the others, guessed or not', () => {
  for (const untimed of [false, true]) {
    const timeouts = after([90, untimed]);
    assert.ok(timeouts.knows(near.name));
    timeouts.keep([far]);
    assert.ok(!timeouts.knows(near.name));
    timeouts.learn(near.name, 40);
    assert.equal(timeouts.timeoutMs(near, bounds, 0), 120);
  }
});

test('expect() has the first deadlines follow from the times of an earlier run', () => {
  const first = (rttMs: number, isOld = false): number => {
    const timeouts = new AdaptiveTimeouts();
    timeouts.expect({ rttMs, jitterMs: 2, isOld });
    return timeouts.timeoutMs(near, bounds, 0);
  };
  assert.equal(first(1), 50);
  assert.equal(first(80), 120);
  assert.equal(first(600), 900, 'a line by satellite does not fail its first check');
  assert.equal(first(80, true), 700, 'it may have been another line before a reboot');
  assert.equal(first(600, true), 900);
  const timeouts = after([10]);
  timeouts.expect({ rttMs: 600, jitterMs: 2, isOld: false });
  assert.equal(timeouts.timeoutMs(near, bounds, 0), 50, 'what this run measured counts');
});
